using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>
/// Monitoring: traces, metrics and logs over OTLP, and metrics for Prometheus. If off, it is not loaded (<see cref="OpenTelemetryParts"/>).
/// </summary>
internal static class TelemetrySetup
{
    private const string MetricsPath = "/metrics";

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        DistributedContextPropagator.Current = new TraceContext();
        services.AddSingleton(DistributedContextPropagator.Current);
        services
            .AddSettings<MetricsOptions>(MetricsOptions.Section)
            .Validate(
                metrics => metrics.Key is null or "" or { Length: >= MetricsOptions.LeastKey },
                $"{MetricsOptions.Section}:Key is too short. Use {MetricsOptions.LeastKey} or more random characters."
            )
            .Validate(
                metrics => metrics.Networks is null || metrics.Networks.All(network => HttpOptions.ParseProxy(network) is not null),
                $"{MetricsOptions.Section}:Networks has an entry that is neither an address nor a network. Write 10.0.0.5 or 10.0.0.0/8."
            );
        var signals = ExportedSignals.Of(configuration);
        var isScraped = IsScraped(configuration);
        if (signals.Any || isScraped)
        {
            OpenTelemetryParts.Add(services, configuration, signals, isScraped);
        }

        return services;
    }

    public static WebApplication MapTelemetry(this WebApplication app)
    {
        if (IsScraped(app.Configuration))
        {
            OpenTelemetryParts.Map(app, MetricsPath, CheckAsync);
        }

        return app;
    }

    private static bool IsScraped(IConfiguration configuration) =>
        configuration.GetSection(MetricsOptions.Section).Get<MetricsOptions>()?.IsOn == true;

    private static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        var options = http.RequestServices.GetRequiredService<IOptions<MetricsOptions>>().Value;
        if (!options.IsOn || !options.Admits(http.Connection.RemoteIpAddress))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        if (options.Key is { Length: > 0 } key && !IsKey(http.Request.Headers.Authorization.ToString(), key))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        }

        return next(http);
    }

    /// <summary>Compares in constant time, so that the time reveals nothing about the key.</summary>
    private static bool IsKey(string header, string key) =>
        CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(header)),
            SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {key}"))
        );
}
