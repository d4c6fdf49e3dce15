using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api.Calls;

/// <summary>
/// Server-sent events written by hand, because the framework's formatter cannot send comments, which keep a silent connection open. The
/// response starts with the first of them: until then it can still become a problem with a status of its own.
/// </summary>
internal sealed class EventStream(HttpResponse response)
{
    private static readonly JsonSerializerOptions Json = AppJson.Options;

    public bool HasStarted { get; private set; }

    /// <param name="type">Null: an event without a type.</param>
    public Task SendAsync(string? type, object data, CancellationToken cancellationToken) =>
        WriteAsync(
            $"{(type is null ? "" : $"event: {type}\n")}data: {JsonSerializer.Serialize(data, data.GetType(), Json)}\n\n",
            cancellationToken
        );

    /// <summary>Clients ignore a comment.</summary>
    public Task CommentAsync(string text, CancellationToken cancellationToken) => WriteAsync($": {text}\n\n", cancellationToken);

    /// <summary>An event whose data is this text as it is.</summary>
    public Task SendTextAsync(string text, CancellationToken cancellationToken) => WriteAsync($"data: {text}\n\n", cancellationToken);

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        if (!HasStarted)
        {
            HasStarted = true;
            response.Headers.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache,no-store";
            response.Headers["X-Accel-Buffering"] = "no";
        }

        await response.WriteAsync(text, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
