using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace PromptPilot.Tests.Support;

/// <summary>One call that the fake server got.</summary>
internal sealed class FakeCall
{
    public required string Path { get; init; }

    public required JsonElement Body { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The last message's text.</summary>
    public string Prompt => Messages.Count == 0 ? "" : Messages[^1].Content;

    public IReadOnlyList<(string Role, string Content)> Messages =>
        [
            .. Body.GetProperty("messages")
                .EnumerateArray()
                .Select(m => (m.GetProperty("role").GetString()!, TextOf(m.GetProperty("content")))),
        ];

    /// <summary>The data URLs of all pictures.</summary>
    public IReadOnlyList<string> Pictures =>
        [
            .. Body.GetProperty("messages")
                .EnumerateArray()
                .Select(m => m.GetProperty("content"))
                .Where(content => content.ValueKind == JsonValueKind.Array)
                .SelectMany(content => content.EnumerateArray())
                .Where(part => part.TryGetProperty("image_url", out _))
                .Select(part => part.GetProperty("image_url").GetProperty("url").GetString()!),
        ];

    private static string TextOf(JsonElement content) =>
        content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : string.Concat(content.EnumerateArray().Select(part => part.TryGetProperty("text", out var text) ? text.GetString() : ""));

    /// <summary>When it arrived (UTC).</summary>
    public DateTime At { get; } = DateTime.UtcNow;

    /// <summary>The client hung up before the answer was complete.</summary>
    public bool IsAborted { get; internal set; }

    /// <summary>The answer was sent to its end.</summary>
    public bool IsComplete { get; internal set; }
}

/// <summary>
/// An OpenAI-compatible streaming server on loopback, over real HTTP. Which answer a call gets: <see cref="Script"/> if it has one, else
/// the next of <see cref="Enqueue"/>, else <see cref="Default"/>.
/// </summary>
internal sealed class FakeModelServer : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentQueue<FakeAnswer> _queue = new();
    private readonly List<FakeCall> _calls = [];
    private int _open;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoopbackServer _server = null!;

    private FakeModelServer() { }

    /// <summary>The base URL for a profile, e.g. <c>http://127.0.0.1:4711/v1</c>.</summary>
    public string Endpoint => _server.Address + "/v1";

    public FakeAnswer Default { get; set; } = FakeAnswer.Of("The team met and agreed on three clear steps.");

    /// <summary>Chooses an answer by the call; null leaves it to the queue and the default.</summary>
    public Func<FakeCall, FakeAnswer?>? Script { get; set; }

    /// <summary>All calls so far, in order of arrival.</summary>
    public IReadOnlyList<FakeCall> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>The most calls that were open at the same time. A call is open until it is answered or the client has hung up.</summary>
    public int MostAtOnce { get; private set; }

    public int Aborted => Calls.Count(c => c.IsAborted);

    /// <param name="port">0: a free one.</param>
    public static async Task<FakeModelServer> StartAsync(int port = 0)
    {
        var server = new FakeModelServer();
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync, port);
        return server;
    }

    public void Enqueue(params FakeAnswer[] answers) => Array.ForEach(answers, _queue.Enqueue);

    /// <summary>How many calls had this in their prompt.</summary>
    public int CountOf(string partOfPrompt) => Calls.Count(c => c.Prompt.Contains(partOfPrompt, StringComparison.Ordinal));

    /// <summary>Waits until what the server has seen fulfils a condition.</summary>
    public async Task WaitAsync(Func<FakeModelServer, bool> condition, CancellationToken cancellationToken, double seconds = 20)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (true)
        {
            Task changed;
            lock (_calls)
            {
                changed = _changed.Task;
            }

            if (condition(this))
            {
                return;
            }

            await changed.WaitAsync(limit.Token);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (!http.Request.Path.Value!.EndsWith("/chat/completions", StringComparison.Ordinal))
        {
            await SendWholeAsync(http, FakeAnswer.Error(404, $"There is nothing at {http.Request.Path}."));
            return;
        }

        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var call = new FakeCall
        {
            Path = http.Request.Path,
            Body = body.RootElement.Clone(),
            Headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        };
        Change(() =>
        {
            _calls.Add(call);
            MostAtOnce = Math.Max(MostAtOnce, ++_open);
        });
        var answer = Script?.Invoke(call) ?? (_queue.TryDequeue(out var next) ? next : Default);
        await using var watch = http.RequestAborted.Register(() => Change(() => call.IsAborted = !call.IsComplete));
        try
        {
            if (answer.Status != 200 || answer.Body is not null)
            {
                await SendWholeAsync(http, answer);
            }
            else
            {
                await StreamAsync(http, call, answer);
            }

            Change(() => call.IsComplete = true);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            Change(() => call.IsAborted = true);
        }
        finally
        {
            Change(() => _open--);
        }
    }

    private static async Task SendWholeAsync(HttpContext http, FakeAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers)
        {
            http.Response.Headers[name] = value;
        }

        await http.Response.WriteAsync(answer.Body ?? "", http.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext http, FakeCall call, FakeAnswer answer)
    {
        var gone = http.RequestAborted;
        var model = answer.Model ?? call.Body.GetProperty("model").GetString()!;
        http.Response.ContentType = "text/event-stream";
        http.Response.ContentLength = answer.Ending == FakeEnding.Cut ? 10_000_000 : null;
        await SendAsync(http, Chunk(model, new { role = "assistant", content = "" }, null));
        await Task.Delay(answer.FirstTokenDelay, gone);
        for (var i = 0; i <= answer.Tokens.Count; i++)
        {
            if (answer.NextGate is not null && i == answer.NextGateAfter)
            {
                await answer.NextGate.WaitAsync(gone);
            }

            if (answer.Gate is not null && i == answer.GateAfter)
            {
                await answer.Gate.WaitAsync(gone);
            }

            if (i < answer.Tokens.Count)
            {
                await SendTokenAsync(http, model, answer.Tokens[i], answer.Escaped);
                if (answer.TokenDelay > TimeSpan.Zero)
                {
                    await Task.Delay(answer.TokenDelay, gone);
                }
            }
        }

        await EndAsync(http, call, answer, model);
    }

    private static async Task EndAsync(HttpContext http, FakeCall call, FakeAnswer answer, string model)
    {
        switch (answer.Ending)
        {
            case FakeEnding.Complete:
                await SendAsync(http, Chunk(model, new { }, answer.FinishReason));
                if (
                    answer.WithUsage
                    && call.Body.TryGetProperty("stream_options", out var options)
                    && options.GetProperty("include_usage").GetBoolean()
                )
                {
                    var input = call.Messages.Sum(m => m.Content.Length) / 4;
                    await SendAsync(
                        http,
                        new
                        {
                            id = "chatcmpl-1",
                            @object = "chat.completion.chunk",
                            created = 1,
                            model,
                            choices = Array.Empty<object>(),
                            usage = new
                            {
                                prompt_tokens = input,
                                completion_tokens = answer.Tokens.Count,
                                total_tokens = input + answer.Tokens.Count,
                            },
                        }
                    );
                }

                await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
                break;
            case FakeEnding.Cut:
                // The promised length is not reached: the connection is closed behind what was sent.
                break;
            case FakeEnding.Stall:
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
                break;
            case FakeEnding.ErrorEvent:
                await SendAsync(
                    http,
                    new
                    {
                        error = new
                        {
                            message = "The engine ran out of memory.",
                            type = "server_error",
                            code = (string?)null,
                        },
                    }
                );
                break;
            case FakeEnding.Garbage:
                await http.Response.WriteAsync("data: {\"id\": \u0001 this is not JSON\n\n", Encoding.UTF8, http.RequestAborted);
                break;
            case FakeEnding.Silent:
                break;
        }
    }

    private static object Chunk(string model, object delta, string? finish) =>
        new
        {
            id = "chatcmpl-1",
            @object = "chat.completion.chunk",
            created = 1,
            model,
            choices = new[]
            {
                new
                {
                    index = 0,
                    delta,
                    finish_reason = finish,
                },
            },
        };

    private static async Task SendTokenAsync(HttpContext http, string model, string token, bool escaped)
    {
        if (!escaped)
        {
            await SendAsync(http, Chunk(model, new { content = token }, null));
            return;
        }

        // The serializer would mend half a character; a server that splits one does not.
        const string Place = "the token";
        var text = string.Concat(token.Select(c => c is >= ' ' and <= '~' and not ('"' or '\\') ? c.ToString() : $"\\u{(int)c:x4}"));
        var chunk = JsonSerializer.Serialize(Chunk(model, new { content = Place }, null), Json);
        await http.Response.WriteAsync($"data: {chunk.Replace(Place, text, StringComparison.Ordinal)}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static async Task SendAsync(HttpContext http, object chunk)
    {
        await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk, Json)}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private void Change(Action change)
    {
        TaskCompletionSource done;
        lock (_calls)
        {
            change();
            done = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        done.SetResult();
    }
}
