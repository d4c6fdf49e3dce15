using System.Text.Json;
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

    /// <summary>The client data in the first message stays in memory with the session.</summary>
    private const long MaxFirstBody = 64 * 1024;

    /// <summary>Since this revision there are no sessions. Its clients send the revision with each request.</summary>
    private const string FirstWithoutSessions = "2026-07-28";

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
            limit.MaxRequestBodySize = CanOpenSession(http.Request) ? MaxFirstBody : MaxBody;
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
        catch (Exception exception) when (IsUnreadable(exception) && !http.Response.HasStarted)
        {
            http.Response.Headers.Remove(McpHost.SessionHeader);
            return ApiResults.From(Problem.Invalid("The params of this message are not valid for its method. See the MCP specification."));
        }
        catch (ObjectDisposedException) when (!http.Response.HasStarted)
        {
            return ApiResults.From(Problem.NotFound("session"));
        }

        return Results.Empty;
    }

    private static bool CanOpenSession(HttpRequest request) =>
        request.Headers[McpHost.SessionHeader].ToString().Length == 0
        && string.CompareOrdinal(request.Headers["Mcp-Protocol-Version"], FirstWithoutSessions) < 0;

    /// <summary>
    /// The library lets its JSON reader throw on the first message of a session. For a lone surrogate that is not even a JSON error.
    /// </summary>
    private static bool IsUnreadable(Exception exception) =>
        exception is JsonException
        || (
            exception is InvalidOperationException { Source: { } source } && source.StartsWith("System.Text.Json", StringComparison.Ordinal)
        );

    /// <summary>
    /// Browsers name the page that sends; a page of another site could otherwise reach a portal that only this machine sees.
    /// </summary>
    private static bool IsOwnOrigin(HttpRequest request) =>
        request.Headers.Origin.ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == request.Host.Value && page.Scheme == request.Scheme);
}
