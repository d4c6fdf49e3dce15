using System.Diagnostics;
using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PromptPilot.Core.Models.Telemetry;
using PromptPilot.Core.Runs.Telemetry;
using PromptPilot.Core.Shared.Telemetry;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>The only code that uses OpenTelemetry's libraries. The first call loads them; a portal without monitoring never does.</summary>
internal static class OpenTelemetryParts
{
    private const string Circuits = "Microsoft.AspNetCore.Components.Server.Circuits";

    /// <summary>Seconds: model calls take from a fraction of one to many minutes.</summary>
    private static readonly double[] Durations = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1280];

    private static readonly double[] Waits = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Add(IServiceCollection services, IConfiguration configuration, ExportedSignals signals, bool isScraped)
    {
        // Without baggage, which could hold anything.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, configuration));
        if (signals.Traces)
        {
            telemetry.WithTracing(traces => AddTraces(traces, TraceSampler.Of(configuration)));
        }

        if (signals.Metrics || isScraped)
        {
            telemetry.WithMetrics(metrics => AddMetrics(metrics, signals.Metrics, isScraped));
        }

        if (signals.Logs)
        {
            telemetry.WithLogging(logs => logs.AddOtlpExporter(), options => options.IncludeFormattedMessage = true);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Map(WebApplication app, string path, Func<HttpContext, RequestDelegate, Task> check) =>
        app.MapPrometheusScrapingEndpoint(path, null, branch => branch.Use(check), null).AllowAnonymous();

    private static void Describe(ResourceBuilder resource, IConfiguration configuration) =>
        resource
            .AddService(
                configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "promptpilot",
                serviceVersion: typeof(OpenTelemetryParts).Assembly.GetName().Version?.ToString(3)
            )
            .AddAttributes([new("host.name", Environment.MachineName)])
            .AddEnvironmentVariableDetector();

    private static void AddTraces(TracerProviderBuilder traces, Sampler sampler) =>
        traces
            .SetSampler(sampler)
            .AddSource(PortalTelemetry.Name)
            .AddAspNetCoreInstrumentation(options =>
            {
                options.Filter = IsTraced;
                options.EnrichWithHttpResponse = (activity, response) => RemovePath(activity, response.HttpContext);
            })
            .AddHttpClientInstrumentation(options =>
                options.EnrichWithHttpRequestMessage = (activity, request) => RemovePath(activity, request)
            )
            .AddOtlpExporter();

    private static void AddMetrics(MeterProviderBuilder metrics, bool isSent, bool isScraped)
    {
        metrics
            .AddMeter(PortalTelemetry.Name, WorkMetrics.MeterName, Circuits)
            .AddAspNetCoreInstrumentation()
            .AddRuntimeInstrumentation()
            .AddInstrumentation(provider => provider.GetRequiredService<RunGauges>());
        foreach (var name in GenAiMetrics.Durations)
        {
            metrics.AddView(name, new ExplicitBucketHistogramConfiguration { Boundaries = Durations });
        }

        metrics.AddView("promptpilot.write_gate.wait", new ExplicitBucketHistogramConfiguration { Boundaries = Waits });
        if (isSent)
        {
            metrics.AddOtlpExporter();
        }

        if (isScraped)
        {
            metrics.AddPrometheusExporter();
        }
    }

    /// <summary>Health checks and scrapes are of no interest, and the connection of an open page lasts for hours.</summary>
    private static bool IsTraced(HttpContext http) =>
        !http.Request.Path.StartsWithSegments("/health")
        && !http.Request.Path.StartsWithSegments("/metrics")
        && !http.Request.Path.StartsWithSegments("/_blazor");

    /// <summary>The route stays. What people and programs put into an address can be personal, or a secret.</summary>
    private static void RemovePath(Activity activity, HttpContext http)
    {
        activity.SetTag("url.path", (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);
        activity.SetTag("url.query", null);
        activity.SetTag("user_agent.original", null);
    }

    /// <summary>Only the host stays: a chat webhook has its secret in the path.</summary>
    private static void RemovePath(Activity activity, HttpRequestMessage request) =>
        activity.SetTag("url.full", request.RequestUri?.GetLeftPart(UriPartial.Authority));
}
