using PromptPilot.Core.Data;

namespace PromptPilot.Web.Hosting;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can work, and is not stopping.</summary>
internal static class Health
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(
                "/health/ready",
                (ReadyGate gate, IHostApplicationLifetime lifetime) =>
                    gate.IsOpen && !lifetime.ApplicationStopping.IsCancellationRequested
                        ? Results.Text("ready")
                        : Results.Text("not ready", statusCode: StatusCodes.Status503ServiceUnavailable)
            )
            .AllowAnonymous()
            .ExcludeFromDescription();
        return app;
    }
}
