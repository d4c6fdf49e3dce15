using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace PromptPilot.Tests.Support;

/// <summary>A collector that takes OTLP over HTTP, read by code that is generated from the official definitions.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = [];
    private LoopbackServer _server = null!;

    private OtlpReceiver() { }

    public string Address => _server.Address;

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
        var receiver = new OtlpReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.KeepAsync);
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private IEnumerable<byte[]> Bodies(string path) => _received.Where(received => received.Path == path).Select(received => received.Body);

    private async Task KeepAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        _received.Enqueue((http.Request.Path.Value!, body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
    }
}
