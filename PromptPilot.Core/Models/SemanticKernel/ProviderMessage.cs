using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>What a provider says in an error body: its message, made fit to show, and its code.</summary>
/// <param name="Text">At most 300 characters on one line, without keys; empty when the body has no message (or is a web page).</param>
/// <param name="Code">The provider's code or type, e.g. <c>insufficient_quota</c>; empty when there is none.</param>
/// <param name="RetryAfter">How long to wait, where the body says so.</param>
internal sealed partial record ProviderMessage(string Text, string Code, TimeSpan? RetryAfter = null)
{
    private const int MaxLength = 300;

    public static readonly ProviderMessage None = new("", "");

    /// <summary>
    /// Reads the error shapes of OpenAI and the servers that speak its language: <c>{"error":{"message","code","type"}}</c>,
    /// <c>{"error":"…"}</c>, <c>{"message"}</c>, <c>{"detail"}</c>, plain text; Anthropic's and Google's are of the same kind.
    /// </summary>
    public static ProviderMessage Parse(ReadOnlyMemory<byte> body, string? apiKey)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return Read(json.RootElement, apiKey);
        }
        catch (JsonException)
        {
            var text = Encoding.UTF8.GetString(body.Span);
            return text.Contains('<', StringComparison.Ordinal) ? None : new ProviderMessage(Clean(text, apiKey), "");
        }
    }

    public static ProviderMessage Read(JsonElement root, string? apiKey)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
        {
            root = root[0];
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return root.ValueKind == JsonValueKind.String ? new ProviderMessage(Clean(root.GetString()!, apiKey), "") : None;
        }

        if (root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String)
        {
            root = error;
        }

        if (root.ValueKind == JsonValueKind.String)
        {
            return new ProviderMessage(Clean(root.GetString()!, apiKey), "");
        }

        var text = Field(root, "message") ?? Field(root, "detail") ?? "";
        return new ProviderMessage(
            Clean(text, apiKey),
            Field(root, "code") ?? Field(root, "type") ?? Field(root, "status") ?? "",
            RetryDelay(root)
        );
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
            .Select(detail => Field(detail, "retryDelay"))
            .FirstOrDefault(text => text is not null);
        return
            delay is not null
            && double.TryParse(delay.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private static string? Field(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static string Clean(string text, string? apiKey)
    {
        if (!string.IsNullOrEmpty(apiKey))
        {
            text = text.Replace(apiKey, "[key]", StringComparison.Ordinal);
        }

        return Shorten.Text(Blank().Replace(KeyLike().Replace(text, "[key]"), " ").Trim(), MaxLength + 1);
    }

    /// <summary>Providers quote keys, whole or half masked.</summary>
    [GeneratedRegex(@"\b(?:sk|pk|key)-[\w*.\-]{4,}")]
    private static partial Regex KeyLike();

    [GeneratedRegex(@"[\s\p{C}]+")]
    private static partial Regex Blank();
}
