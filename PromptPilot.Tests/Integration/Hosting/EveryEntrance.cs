using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>An address of the portal as its routes have it, with something in the place of each parameter.</summary>
/// <param name="IsPage">Whether somebody opens it in a browser.</param>
/// <param name="IsForPrograms">Whether errors are problems in JSON.</param>
internal sealed partial record Entrance(string Path, bool IsPage, bool IsForPrograms)
{
    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

    /// <summary>All of them; of files only those that a route of ours gives.</summary>
    public static IReadOnlyList<Entrance> Of(PortalHost portal) =>
        [
            .. portal
                .Services.GetServices<EndpointDataSource>()
                .SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
                .Select(From)
                .Distinct(),
        ];

    private static Entrance From(RouteEndpoint endpoint)
    {
        var path = "/" + Parameter().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "x1");
        return new Entrance(
            path,
            endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null,
            path.StartsWith("/api", StringComparison.Ordinal)
                || path.StartsWith("/v1", StringComparison.Ordinal)
                || path.StartsWith("/mcp", StringComparison.Ordinal)
                || path.StartsWith("/hooks", StringComparison.Ordinal)
                || path.StartsWith("/openapi", StringComparison.Ordinal)
                || path.StartsWith("/health", StringComparison.Ordinal)
        );
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
