using PromptPilot.Core.Audit;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Hosting;

/// <summary>Tells the audit log where each request comes from. The request that opens a page's connection lasts as long as that, so it counts for what is done on the page too.</summary>
internal static class AuditOrigins
{
    public static IApplicationBuilder UseAuditOrigins(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        AuditScope.Origin = new AuditOrigin(ActorOf(http), http.Connection.RemoteIpAddress?.ToString(), http.Request.Headers.UserAgent);
        return next(http);
    });

    private static Actor ActorOf(HttpContext http) =>
        http.Actor() is Actor.KeyHolder key ? key : CurrentActor.Of(http.User);
}
