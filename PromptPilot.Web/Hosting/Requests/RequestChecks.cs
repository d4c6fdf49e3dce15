using System.Net.Mime;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>Checks that a request has to pass before anything else reads it.</summary>
internal static class RequestChecks
{
    public static IApplicationBuilder UseRequestChecks(this WebApplication app) =>
        app.Use(
            async (http, next) =>
            {
                if (!http.Request.Host.HasValue)
                {
                    // HTTP/1.0, as some health checks of load balancers speak it.
                    http.Request.Host = new HostString("localhost");
                }
                else if (!Uri.TryCreate($"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}/", UriKind.Absolute, out _))
                {
                    await RefuseAsync(http, "The Host header of this request is not a valid host name.");
                    return;
                }

                // The API says so itself, at the parameter.
                if (!PortalAuthentication.IsForPrograms(http.Request) && HasNul(http.Request.QueryString))
                {
                    await RefuseAsync(http, "The address contains the character U+0000 (%00). Remove it.");
                    return;
                }

                await next(http);
            }
        );

    private static bool HasNul(QueryString query) => query.Value?.Contains("%00", StringComparison.Ordinal) == true;

    private static Task RefuseAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = MediaTypeNames.Text.Plain;
        return http.Response.WriteAsync(why, http.RequestAborted);
    }
}
