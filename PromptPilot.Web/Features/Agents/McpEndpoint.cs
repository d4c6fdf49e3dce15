using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Agents;

/// <summary>The MCP server at <c>/mcp</c>: workflows as tools and prompts for agents with an API key.</summary>
internal static class McpEndpoint
{
    private const string Path = McpHost.Path;
    private const long MaxBody = 1024 * 1024;

    public static IServiceCollection AddAgents(this IServiceCollection services) => services.AddSingleton<McpHost>();

    public static void MapAgents(this IEndpointRouteBuilder app) =>
        app.MapMethods(Path, [HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete], AnswerAsync)
            .RequireAuthorization(new AuthorizationPolicyBuilder(ApiKeyAuthentication.Scheme).RequireAuthenticatedUser().Build())
            .ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync(HttpContext http, McpHost host, RevocationWatch revocation)
    {
        if (!IsOwnOrigin(http.Request))
        {
            return ApiResults.From(Problem.Forbidden("Requests from pages of other sites are not accepted here."));
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }

        try
        {
            await revocation.RunAsync(
                http.Actor(),
                async allowed =>
                {
                    // The stream of a session would outlive its key.
                    await using var end = allowed.Register(http.Abort);
                    await host.AnswerAsync(http);
                },
                http.RequestAborted
            );
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The agent went away, or may no longer call.
        }

        return Results.Empty;
    }

    /// <summary>
    /// Browsers name the page that sends; a page of another site could otherwise reach a portal that only this machine sees.
    /// </summary>
    private static bool IsOwnOrigin(HttpRequest request) =>
        request.Headers.Origin.ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == request.Host.Value && page.Scheme == request.Scheme);
}
