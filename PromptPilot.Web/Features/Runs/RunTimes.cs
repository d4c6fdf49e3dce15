using System.Globalization;

namespace PromptPilot.Web.Features.Runs;

/// <summary>The time spans for filtering the list of runs, as in the URL.</summary>
internal static class RunTimes
{
    private static readonly (string Word, string Name, TimeSpan Span)[] Spans =
    [
        ("hour", "Last hour", TimeSpan.FromHours(1)),
        ("day", "Last 24 hours", TimeSpan.FromDays(1)),
        ("week", "Last 7 days", TimeSpan.FromDays(7)),
        ("month", "Last 30 days", TimeSpan.FromDays(30)),
    ];

    /// <summary>Replaces a time span: days are selected.</summary>
    public const string Days = "days";

    public static IEnumerable<(string Value, string Name)> Options =>
        Spans.Select(span => (span.Word, span.Name)).Append((Days, "Custom range"));

    /// <summary>The earliest time of a span that ends now; null for none, or a word that is none.</summary>
    public static DateTime? From(string? word, DateTime now)
    {
        foreach (var span in Spans)
        {
            if (span.Word == word)
            {
                return now - span.Span;
            }
        }

        return null;
    }

    /// <summary>An instant from the URL; null for none or an invalid one.</summary>
    public static DateTime? Parse(string? word) =>
        DateTimeOffset.TryParse(word, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.UtcDateTime : null;

    public static string? ToWord(DateTime? utc) => utc?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
