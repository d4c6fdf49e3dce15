using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace PromptPilot.Tests.Support;

/// <summary>What came in.</summary>
internal sealed record TranscriptCall(
    string Method,
    string Path,
    string Query,
    JsonElement Body,
    IReadOnlyDictionary<string, string> Headers
);

/// <summary>What a provider answers, byte for byte.</summary>
/// <param name="Pieces">Each is flushed on its own.</param>
internal sealed record Transcript(int Status, string ContentType, IReadOnlyList<string> Pieces)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The connection is closed although more was promised.</summary>
    public bool IsCut { get; init; }

    /// <summary>Waits before the last piece; null: at once.</summary>
    public Task? Gate { get; init; }

    /// <summary>Server-sent events: blocks that an empty line ends.</summary>
    public static Transcript Events(string text) =>
        new(
            200,
            "text/event-stream; charset=utf-8",
            [.. text.ReplaceLineEndings("\n").Trim('\n').Split("\n\n").Select(block => block + "\n\n")]
        );

    /// <summary>JSON objects, one a line.</summary>
    public static Transcript Lines(string text) =>
        new(200, "application/x-ndjson", [.. text.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line + "\n")]);

    public static Transcript Json(int status, string text, params (string Name, string Value)[] headers) =>
        new(status, "application/json", [text]) { Headers = headers.ToDictionary(header => header.Name, header => header.Value) };

    /// <summary>The first pieces only, then the connection breaks.</summary>
    public Transcript CutAfter(int pieces) => this with { Pieces = [.. Pieces.Take(pieces)], IsCut = true };

    /// <summary>The first pieces only, then it ends as if all was said.</summary>
    public Transcript EndAfter(int pieces) => this with { Pieces = [.. Pieces.Take(pieces)] };
}

/// <summary>
/// A provider's server on loopback, over real HTTP, that replays transcripts typed from the provider's reference and remembers what it was
/// sent.
/// </summary>
internal sealed class TranscriptServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<TranscriptCall> _calls = [];
    private LoopbackServer _server = null!;

    private TranscriptServer() { }

    /// <summary>Scheme, host and port, e.g. <c>http://127.0.0.1:4711</c>.</summary>
    public string Address => _server.Address;

    /// <summary>Which answer a request gets.</summary>
    public Func<TranscriptCall, Transcript> Script { get; set; } = _ => Transcript.Json(404, "{}");

    public IReadOnlyList<TranscriptCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>The newest call.</summary>
    public TranscriptCall Last => Calls[^1];

    public static async Task<TranscriptServer> StartAsync()
    {
        var server = new TranscriptServer();
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync);
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        var call = new TranscriptCall(
            http.Request.Method,
            http.Request.Path,
            http.Request.QueryString.ToString(),
            text.Length == 0 ? default : JsonElement.Parse(text),
            http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)
        );
        lock (_lock)
        {
            _calls.Add(call);
        }

        var answer = Script(call);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        http.Response.ContentLength = answer.IsCut ? 10_000_000 : null;
        foreach (var (name, value) in answer.Headers)
        {
            http.Response.Headers[name] = value;
        }

        for (var i = 0; i < answer.Pieces.Count; i++)
        {
            if (answer.Gate is not null && i == answer.Pieces.Count - 1)
            {
                await answer.Gate.WaitAsync(http.RequestAborted);
            }

            await http.Response.WriteAsync(answer.Pieces[i], http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
