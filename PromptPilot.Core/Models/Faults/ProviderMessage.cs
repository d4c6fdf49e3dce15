using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Models.Faults;

/// <summary>The content of a provider's error body: its message, made safe to show, and its code.</summary>
/// <param name="Text">At most 300 characters on one line, without keys; empty when the body has no message (or is a web page).</param>
/// <param name="Code">The provider's code or type, e.g. <c>insufficient_quota</c>; empty when there is none.</param>
/// <param name="RetryAfter">The requested delay, if the body has one.</param>
internal sealed partial record ProviderMessage(string Text, string Code, TimeSpan? RetryAfter = null)
{
    private const int MaxLength = 300;

    /// <summary>Objects inside each other that are looked into for a message.</summary>
    private const int MaxDepth = 4;

    /// <summary>Problems of a list that are shown.</summary>
    private const int MaxProblems = 3;

    public static readonly ProviderMessage None = new("", "");

    /// <summary>Names of the fields with a code or type, most specific first.</summary>
    private static readonly string[] CodeFields = ["code", "type", "status", "error_type", "error_code", "status_code"];

    /// <summary>Names of the fields with a message, most specific first.</summary>
    private static readonly string[] TextFields =
    [
        "message",
        "msg",
        "detail",
        "error_msg",
        "error_description",
        "status_msg",
        "Message",
        "title",
    ];

    /// <summary>The status of HTTP that the body gives beside or instead of a code; null when there is none.</summary>
    public int? Status { get; init; }

    /// <summary>
    /// Reads the error shapes of OpenAI and the servers that speak its language: <c>{"error":{"message","code","type"}}</c>,
    /// <c>{"error":"…"}</c>, <c>{"message"}</c>, <c>{"errors":[…]}</c>, FastAPI's <c>{"detail":[{"loc","msg"}]}</c>, plain text;
    /// Anthropic's and Google's are of the same kind.
    /// </summary>
    public static ProviderMessage Parse(ReadOnlyMemory<byte> body, string? apiKey)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return Read(json.RootElement, apiKey);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text in it has an incomplete character.
            var text = Encoding.UTF8.GetString(body.Span);
            return text.Contains('<', StringComparison.Ordinal) ? None : new ProviderMessage(Clean(text, apiKey), "");
        }
    }

    public static ProviderMessage Read(JsonElement root, string? apiKey)
    {
        var found = new Found();
        Collect(root, found, MaxDepth);
        return new ProviderMessage(Clean(found.Text ?? "", apiKey), found.Code ?? "", found.RetryAfter) { Status = found.Status };
    }

    /// <summary>Inner errors take precedence over outer ones.</summary>
    private static void Collect(JsonElement element, Found found, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                found.Text ??= NonEmpty(element);
                break;
            case JsonValueKind.Array when depth > 0:
                CollectList(element, found, depth);
                break;
            case JsonValueKind.Object when depth > 0:
                CollectObject(element, found, depth);
                break;
        }
    }

    /// <summary>Several problems, as FastAPI lists them; else the first of a list, as Google and Cloudflare wrap their one.</summary>
    private static void CollectList(JsonElement list, Found found, int depth)
    {
        var problems = list.EnumerateArray().Select(Problem).OfType<string>().Take(MaxProblems).ToList();
        if (problems.Count > 0)
        {
            found.Text ??= string.Join("; ", problems);
        }
        else if (list.GetArrayLength() > 0)
        {
            Collect(list[0], found, depth - 1);
        }
    }

    /// <summary><c>{"loc":["body","max_tokens"],"msg":"Extra inputs are not permitted"}</c></summary>
    private static string? Problem(JsonElement entry)
    {
        if (
            entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("msg", out var message)
            || NonEmpty(message) is not { } text
            || !entry.TryGetProperty("loc", out var place)
        )
        {
            return null;
        }

        var path = place.ValueKind == JsonValueKind.Array ? string.Join('.', place.EnumerateArray().Select(part => part.ToString())) : "";
        return path.Length == 0 ? text : $"{path}: {text}";
    }

    private static void CollectObject(JsonElement element, Found found, int depth)
    {
        // {"error": …} and {"errors": …} hold what the rest only wraps, and so do the choices of a chunk.
        foreach (var name in (ReadOnlySpan<string>)["error", "errors", "choices", "x_groq", "delta", "base_resp"])
        {
            if (element.TryGetProperty(name, out var inner))
            {
                Collect(inner, found, depth - 1);
            }
        }

        foreach (var name in CodeFields)
        {
            if (element.TryGetProperty(name, out var code))
            {
                found.AddCode(code);
            }
        }

        found.RetryAfter ??= RetryDelay(element);
        foreach (var name in TextFields)
        {
            if (found.Text is null && element.TryGetProperty(name, out var text))
            {
                Collect(text, found, depth - 1);
            }
        }

        // OpenRouter says only “Provider returned error” and quotes the provider beside it.
        if (
            element.TryGetProperty("metadata", out var more)
            && more.ValueKind == JsonValueKind.Object
            && more.TryGetProperty("raw", out var raw)
        )
        {
            found.Text = NonEmpty(raw) is { } quoted ? $"{found.Text} {quoted}".Trim() : found.Text;
        }
    }

    /// <summary>Google says it in the body: <c>{"@type":"…RetryInfo","retryDelay":"34s"}</c> among the details.</summary>
    private static TimeSpan? RetryDelay(JsonElement root)
    {
        if (!root.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var delay = details
            .EnumerateArray()
            .Where(detail => detail.ValueKind == JsonValueKind.Object)
            .Select(detail => detail.TryGetProperty("retryDelay", out var said) ? NonEmpty(said) : null)
            .FirstOrDefault(text => text is not null);
        return
            delay is not null
            && double.TryParse(delay.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private static string? NonEmpty(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static string Clean(string text, string? apiKey)
    {
        if (!string.IsNullOrEmpty(apiKey))
        {
            text = text.Replace(apiKey, "[key]", StringComparison.Ordinal);
        }

        return Shorten.Text(Blank().Replace(KeyLike().Replace(text, "[key]"), " ").Trim(), MaxLength + 1);
    }

    /// <summary>Providers quote keys, whole or half masked.</summary>
    [GeneratedRegex(@"\b(?:sk|pk|key|gsk|xai|hf|pplx|fw|AIza)[-_][\w*.\-]{4,}|\bAIza[\w\-]{8,}|(?<=[Bb]earer )[\w*.\-]{8,}")]
    private static partial Regex KeyLike();

    [GeneratedRegex(@"[\s\p{C}]+")]
    private static partial Regex Blank();

    private sealed class Found
    {
        public string? Text { get; set; }

        public string? Code { get; private set; }

        public int? Status { get; private set; }

        public TimeSpan? RetryAfter { get; set; }

        /// <summary>A number, also one that is written as text, is a status where it can be one.</summary>
        public void AddCode(JsonElement code)
        {
            var text = code.ValueKind == JsonValueKind.Number ? code.GetRawText() : NonEmpty(code);
            if (text is null)
            {
                return;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                Status ??= number is >= 400 and < 600 ? number : null;
            }
            else
            {
                Code ??= text;
            }
        }
    }
}
