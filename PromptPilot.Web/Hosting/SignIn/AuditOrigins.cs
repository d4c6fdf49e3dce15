using PromptPilot.Core.Audit;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>
/// Gives the audit log the origin of each request. The request that opens a page's connection lasts as long as the connection, so it is
/// also the origin of everything done on the page.
/// </summary>
internal static class AuditOrigins
{
    /// <summary>Authentication. The origin is set before it, since a key's first use is recorded in it, and the actor after it.</summary>
    public static IApplicationBuilder UseAuditedAuthentication(this IApplicationBuilder app)
    {
        app.Use((http, next) => NextAsync(http, next, Actor.Nobody));
        app.UseAuthentication();
        return app.Use((http, next) => NextAsync(http, next, ActorOf(http)));
    }

    private static Task NextAsync(HttpContext http, RequestDelegate next, Actor actor)
    {
        AuditScope.Origin = new AuditOrigin(actor, http.Connection.RemoteIpAddress?.ToString(), http.Request.Headers.UserAgent);
        return next(http);
    }

    private static Actor ActorOf(HttpContext http) => http.Actor() is Actor.KeyHolder key ? key : CurrentActor.Of(http.User);
}
