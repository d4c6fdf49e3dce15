namespace PromptPilot.Tests.Support;

/// <summary>What happens after the tokens of a fake answer.</summary>
internal enum FakeEnding
{
    /// <summary>Finish reason, usage, <c>[DONE]</c>.</summary>
    Complete,

    /// <summary>The connection is closed before the response is complete.</summary>
    Cut,

    /// <summary>The response just ends, without a finish reason.</summary>
    Silent,

    /// <summary>Nothing more comes until the client hangs up.</summary>
    Stall,

    /// <summary>A <c>data: {"error": …}</c> event.</summary>
    ErrorEvent,

    /// <summary>An event that is not JSON.</summary>
    Garbage,
}

/// <summary>How the fake server answers one call.</summary>
internal sealed record FakeAnswer
{
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>
    /// Each UTF-16 unit beyond ASCII is sent as <c>\uXXXX</c>, as some servers do: so a token may end in a lone surrogate.
    /// </summary>
    public bool Escaped { get; init; }

    /// <summary>Before the first token; the response's head is sent before.</summary>
    public TimeSpan FirstTokenDelay { get; init; }

    public TimeSpan TokenDelay { get; init; }

    /// <summary>Held here until it completes: after <see cref="GateAfter"/> tokens.</summary>
    public Task? Gate { get; init; }

    public int GateAfter { get; init; }

    /// <summary>Held once more, after <see cref="NextGateAfter"/> tokens.</summary>
    public Task? NextGate { get; init; }

    public int NextGateAfter { get; init; }

    public FakeEnding Ending { get; init; }

    public string FinishReason { get; init; } = "stop";

    /// <summary>The model that the answer names; null: the one that was asked for.</summary>
    public string? Model { get; init; }

    public bool WithUsage { get; init; } = true;

    /// <summary>Anything but 200 is answered whole, with <see cref="Body"/>.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Answered instead of a stream.</summary>
    public string? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The text in tokens: words, each with the blank before it.</summary>
    public static FakeAnswer Of(string text) => new() { Tokens = Words(text) };

    /// <summary><paramref name="count"/> tokens: <c>w0 w1 w2 …</c>.</summary>
    public static FakeAnswer OfTokens(int count, TimeSpan delay = default) =>
        new() { Tokens = [.. Enumerable.Range(0, count).Select(i => i == 0 ? "w0" : $" w{i}")], TokenDelay = delay };

    /// <summary>An error status in OpenAI's shape.</summary>
    public static FakeAnswer Error(int status, string message = "Something is wrong.", string? code = null, string? retryAfter = null) =>
        new()
        {
            Status = status,
            Body = System.Text.Json.JsonSerializer.Serialize(
                new
                {
                    error = new
                    {
                        message,
                        type = "fake_error",
                        code,
                    },
                }
            ),
            Headers = retryAfter is null
                ? new Dictionary<string, string>()
                : new Dictionary<string, string> { ["Retry-After"] = retryAfter },
        };

    public static FakeAnswer WebPage() =>
        new() { Body = "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>", ContentType = "text/html; charset=utf-8" };

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i == text.Length || (char.IsWhiteSpace(text[i]) && !char.IsWhiteSpace(text[i - 1])))
            {
                words.Add(text[start..i]);
                start = i;
            }
        }

        return words;
    }
}
