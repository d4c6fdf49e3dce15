using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Components.Endpoints;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// What a request without credentials gets. Only a page that is opened leads to the sign-in; a form, a download, a file or an address
/// that is not there is answered with its status.
/// </summary>
internal sealed class Entrances : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _usual = new();

    public Task HandleAsync(
        RequestDelegate next,
        HttpContext context,
        AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult
    )
    {
        if (authorizeResult.Succeeded || PortalAuthentication.IsApi(context.Request))
        {
            return _usual.HandleAsync(next, context, policy, authorizeResult);
        }

        // Routes are of this kind; the endpoints that routing substitutes answer 405 or 415, and no endpoint is a 404.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        if (HttpMethods.IsGet(context.Request.Method) && IsPage(endpoint))
        {
            return _usual.HandleAsync(next, context, policy, authorizeResult);
        }

        context.Response.StatusCode = authorizeResult.Challenged ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    /// <summary>Whether an endpoint is a page, not a file or an endpoint for scripts and programs.</summary>
    public static bool IsPage(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
}
