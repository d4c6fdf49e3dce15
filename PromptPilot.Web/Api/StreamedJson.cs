using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Web.Api;

/// <summary>
/// 200 with a value as JSON. It goes to the connection while it is serialized, so a long answer is never held as a whole.
/// </summary>
internal sealed class StreamedJson(object value) : IResult
{
    private static readonly JsonSerializerOptions Options = Create();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        await response.StartAsync(httpContext.RequestAborted);
        await JsonSerializer.SerializeAsync(response.BodyWriter, value, value.GetType(), Options, httpContext.RequestAborted);
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(AppJson.Options);
        StepOptionJson.Apply(options);
        return options;
    }
}

/// <summary>
/// Server-sent events with JSON. Each event goes to the connection while it is serialized, so a long one is never held as a whole.
/// </summary>
internal static class StreamedEvents
{
    /// <summary>Writes events as they come, each at once.</summary>
    public static async Task WriteAsync(
        HttpResponse response,
        IAsyncEnumerable<SseItem<object>> events,
        CancellationToken cancellationToken
    )
    {
        response.Headers.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await foreach (var item in events.WithCancellation(cancellationToken))
        {
            await WriteAsync(response.BodyWriter, item, cancellationToken);
        }
    }

    internal static async Task WriteAsync(PipeWriter body, SseItem<object> item, CancellationToken cancellationToken)
    {
        Encoding.UTF8.GetBytes($"event: {item.EventType}\ndata: ", body);
        await JsonSerializer.SerializeAsync(body, item.Data, item.Data.GetType(), AppJson.Options, cancellationToken);
        Encoding.UTF8.GetBytes(item.EventId is { } id ? $"\nid: {id}\n\n" : "\n\n", body);
        await body.FlushAsync(cancellationToken);
    }
}
