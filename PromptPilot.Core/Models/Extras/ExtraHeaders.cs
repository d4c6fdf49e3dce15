using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Extras;

/// <summary>Headers that a profile adds to its calls. Their values are stored encrypted, since some are secrets.</summary>
public static class ExtraHeaders
{
    /// <summary>Maximum number of headers per profile.</summary>
    public const int Most = 10;

    private const int MaxValue = 2000;

    /// <summary>The allowed names, besides those that begin with <c>X-</c>. Providers document them.</summary>
    public static IReadOnlyList<string> Known { get; } =
    ["OpenAI-Organization", "OpenAI-Project", "OpenAI-Beta", "anthropic-beta", "HTTP-Referer", "Helicone-Auth", "cf-aig-authorization"];

    /// <summary>The problems with the headers of a profile.</summary>
    /// <param name="headers">A value of null keeps the stored one.</param>
    internal static IEnumerable<FieldError> Problems(IReadOnlyDictionary<string, string?> headers)
    {
        if (headers.Count > Most || headers.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() != headers.Count)
        {
            yield return new FieldError("extraHeaders", $"Enter at most {Most} extra headers, each only once.");
        }

        foreach (var (name, value) in headers)
        {
            if (Problem(name, value) is { } message)
            {
                yield return new FieldError("extraHeaders", message);
            }
        }
    }

    private static string? Problem(string name, string? value) =>
        !IsAllowed(name)
            ? $"The header “{name}” cannot be set. Allowed are {string.Join(", ", Known)}, and names that begin with X- except "
                + "X-Forwarded-…."
        : value is not null && (value.Length is 0 or > MaxValue || value.Any(c => c is < ' ' or > '~'))
            ? $"The value of “{name}” must have 1 to {MaxValue:N0} printable ASCII characters."
        : null;

    /// <summary>Names and values as the text that is encrypted.</summary>
    internal static string Write(IReadOnlyDictionary<string, string> headers) => JsonSerializer.Serialize(headers, AppJson.Options);

    internal static IReadOnlyDictionary<string, string> Read(string text) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(text, AppJson.Options)!;

    private static bool IsAllowed(string name) =>
        Known.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (
            name.Length is > 2 and <= 60
            && name.StartsWith("X-", StringComparison.OrdinalIgnoreCase)
            && !name.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        );
}
