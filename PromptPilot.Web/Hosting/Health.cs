using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work (<see cref="Readiness"/>), and is not stopping; only
/// an admin's API key gets the reason, since it names paths.
/// </summary>
internal static class Health
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Telling an admin why must not wait for what hangs.</summary>
    private static readonly TimeSpan KeyPatience = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddHealth(this IServiceCollection services) =>
        services.AddSingleton<KeyRingProbe>().AddSingleton<Readiness>().AddSingleton<StopDeadline>().AddHostedService<MemoryRelease>();

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/health/live", Methods, () => Results.Text("live")).AllowAnonymous().ExcludeFromDescription();
        app.MapMethods("/health/ready", Methods, ReadyAsync).AllowAnonymous().ExcludeFromDescription();
        return app;
    }

    private static async Task<IResult> ReadyAsync(HttpContext http, Readiness readiness, ApiKeyLookup keys, Access access)
    {
        if (await readiness.FindReasonAsync() is not { } reason)
        {
            return Results.Text("ready");
        }

        var isAdmin = await IsAdminAsync(http.Request, keys, access);
        return Results.Text(isAdmin ? $"not ready: {reason}" : "not ready", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> IsAdminAsync(HttpRequest request, ApiKeyLookup keys, Access access)
    {
        if (ApiKeyAuthentication.KeyOf(request) is not { } key)
        {
            return false;
        }

        using var limit = new CancellationTokenSource(KeyPatience);
        try
        {
            return await keys.PeekAsync(key, limit.Token).WaitAsync(limit.Token) is { } holder
                && (await access.RequireAsync(holder, Permission.Admin, limit.Token).WaitAsync(limit.Token)).IsOk;
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or OperationCanceledException)
        {
            // If keys cannot be read, no one can be identified as an admin.
            return false;
        }
    }
}
