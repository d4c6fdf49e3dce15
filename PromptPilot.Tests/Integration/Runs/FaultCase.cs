using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Something a provider does wrong, and what is to come of it.</summary>
/// <param name="Code">The error code of its logs.</param>
/// <param name="Message">A part of its message that names the fault.</param>
internal sealed record FaultCase(string Code, string Message, FakeAnswer Answer)
{
    private static readonly FakeAnswer Words = FakeAnswer.Of("two words");

    /// <summary>Whether it is tried again.</summary>
    public bool IsRetried { get; init; }

    public string Status { get; init; } = "error";

    public object? Limits { get; init; }

    public int? TimeoutSeconds { get; init; }

    public string? JsonSchema { get; init; }

    /// <summary>Where the profile points instead of the fake server, made of its address; null: to the server.</summary>
    public Func<string, string>? Endpoint { get; init; }

    /// <summary>What a call that succeeds says.</summary>
    public string Good => JsonSchema is null ? "fine" : """{"tone":"calm"}""";

    /// <summary>What stands in for an item that failed.</summary>
    public string Default => JsonSchema is null ? "n/a" : """{"tone":"n/a"}""";

    public static IReadOnlyDictionary<string, FaultCase> All { get; } =
        new Dictionary<string, FaultCase>
        {
            ["429"] = Retried(
                "rate_limited",
                "rate limiting calls (429)",
                FakeAnswer.Error(429, "Rate limit reached.", "rate_limit_exceeded")
            ),
            ["429 quota"] = new("quota", "quota is used up", FakeAnswer.Error(429, "You exceeded your quota.", "insufficient_quota")),
            ["401"] = new("auth", "key (401)", FakeAnswer.Error(401, "Incorrect API key provided.")),
            ["403"] = new("auth", "key (403)", FakeAnswer.Error(403, "Not for you.")),
            ["400"] = new("bad_request", "refused the request (400)", FakeAnswer.Error(400, "Bad temperature.")),
            ["404 model"] = new(
                "model_unavailable",
                "could not find this model",
                FakeAnswer.Error(404, "The model fake-1 does not exist.")
            ),
            ["404 address"] = new("bad_request", "could not find this address", FakeAnswer.Error(404, "Nothing here.")),
            ["422"] = new("bad_request", "refused the request (422)", FakeAnswer.Error(422, "Bad value.")),
            ["400 context"] = new("context_too_long", "too long", FakeAnswer.Error(400, "Too many tokens.", "context_length_exceeded")),
            ["413"] = new("context_too_long", "too large", FakeAnswer.Error(413)),
            ["400 filter"] = new("content_filtered", "content filter", FakeAnswer.Error(400, "Filtered.", "content_filter")),
            ["filtered finish"] = new("content_filtered", "content filter", Words with { FinishReason = "content_filter" }),
            ["500"] = Retried("provider_error", "failed (500)", FakeAnswer.Error(500)),
            ["502 page"] = Retried("provider_error", "failed (502)", FakeAnswer.WebPage() with { Status = 502 }),
            ["503"] = Retried("provider_error", "failed (503)", FakeAnswer.Error(503, retryAfter: "0")),
            ["error event"] = Retried("provider_error", "ran out of memory", Words with { Ending = FakeEnding.ErrorEvent }),
            ["refused"] = Retried("unreachable", "refused the connection", Words) with { Endpoint = _ => "http://127.0.0.1:9/v1" },
            ["tls"] = Retried("unreachable", "TLS", Words) with
            {
                Endpoint = http => http.Replace("http:", "https:", StringComparison.Ordinal),
            },
            ["no first token"] = TimedOut(
                "waiting for the first token",
                new FakeAnswer { Ending = FakeEnding.Stall },
                new { firstTokenSeconds = 1 }
            ),
            ["idle"] = TimedOut("waiting for the next token", Words with { Ending = FakeEnding.Stall }, new { idleSeconds = 1 }),
            ["total"] = TimedOut(
                "timed out after 1 s",
                FakeAnswer.OfTokens(1000, TimeSpan.FromMilliseconds(50)),
                new { attemptSeconds = 1 }
            ),
            ["step's limit"] = TimedOut("timed out after 1 s", FakeAnswer.OfTokens(1000, TimeSpan.FromMilliseconds(50)), null) with
            {
                TimeoutSeconds = 1,
            },
            ["garbage"] = Retried("incomplete_stream", "not a model", Words with { Ending = FakeEnding.Garbage }),
            ["html"] = Retried("incomplete_stream", "web page", FakeAnswer.WebPage()),
            ["cut"] = Retried("incomplete_stream", "was lost while", Words with { Ending = FakeEnding.Cut }),
            ["silent end"] = Retried("incomplete_stream", "ended before", Words with { Ending = FakeEnding.Silent }),
            ["empty"] = Retried("incomplete_stream", "without any text", new FakeAnswer()),
            ["empty at the limit"] = Retried("incomplete_stream", "token limit", new FakeAnswer { FinishReason = "length" }),
            ["not JSON"] = Retried("invalid_output", "JSON", Words) with { JsonSchema = """{"type":"object"}""" },
            ["not the schema"] = Retried("invalid_output", "tone", FakeAnswer.Of("{\"mood\": 1}")) with
            {
                JsonSchema = """{"type":"object","required":["tone"]}""",
            },
        };

    private static FaultCase Retried(string code, string message, FakeAnswer answer) => new(code, message, answer) { IsRetried = true };

    private static FaultCase TimedOut(string message, FakeAnswer answer, object? limits) =>
        new("timeout", message, answer)
        {
            IsRetried = true,
            Status = "timeout",
            Limits = limits,
        };
}
