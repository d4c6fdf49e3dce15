using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace PromptPilot.Tests.Support;

/// <summary>A collector that takes OTLP over HTTP, read by code that is generated from the official definitions.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = [];

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    public IReadOnlyList<ExportTraceServiceRequest> Traces => [.. Bodies("/v1/traces").Select(ExportTraceServiceRequest.Parser.ParseFrom)];

    public IReadOnlyList<Span> Spans =>
        [.. Traces.SelectMany(traces => traces.ResourceSpans).SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans)];

    public IReadOnlyList<Metric> Metrics =>
        [
            .. Bodies("/v1/metrics")
                .Select(ExportMetricsServiceRequest.Parser.ParseFrom)
                .SelectMany(metrics => metrics.ResourceMetrics)
                .SelectMany(resource => resource.ScopeMetrics)
                .SelectMany(scope => scope.Metrics),
        ];

    public IReadOnlyList<string> Logs =>
        [
            .. Bodies("/v1/logs")
                .Select(ExportLogsServiceRequest.Parser.ParseFrom)
                .SelectMany(logs => logs.ResourceLogs)
                .SelectMany(resource => resource.ScopeLogs)
                .SelectMany(scope => scope.LogRecords)
                .Select(log => log.Body.StringValue),
        ];

    /// <summary>Everything that arrived, as text.</summary>
    public string Everything =>
        string.Join(
            '\n',
            Traces.Cast<IMessage>().Select(message => message.ToString()).Concat(Metrics.Select(metric => metric.ToString())).Concat(Logs)
        );

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.Run(receiver.KeepAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        receiver.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private IEnumerable<byte[]> Bodies(string path) => _received.Where(received => received.Path == path).Select(received => received.Body);

    private async Task KeepAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        _received.Enqueue((http.Request.Path.Value!, body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
    }
}
