using System.Net.Mime;

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
                    http.Response.StatusCode = StatusCodes.Status400BadRequest;
                    http.Response.ContentType = MediaTypeNames.Text.Plain;
                    await http.Response.WriteAsync("The Host header of this request is not a valid host name.", http.RequestAborted);
                    return;
                }

                await next(http);
            }
        );
}
