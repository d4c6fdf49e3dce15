using Microsoft.AspNetCore.Routing.Template;

namespace PromptPilot.Web.Api;

/// <summary>Finds the routes of an address, for errors for which routing selected none.</summary>
internal static class RouteTable
{
    /// <summary>The routes of the request's path, for any method, without catch-all routes.</summary>
    public static IEnumerable<RouteEndpoint> At(HttpContext http) =>
        http
            .RequestServices.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint =>
                endpoint.RoutePattern.RawText is { Length: > 0 } pattern
                && !pattern.Contains("{*", StringComparison.Ordinal)
                && new TemplateMatcher(TemplateParser.Parse(pattern.TrimStart('/')), []).TryMatch(http.Request.Path, [])
            );

    public static IReadOnlyList<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
}
