using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>Durations as people type and read them: 90 s, 15 min, 2 h, 3 days. A number alone is seconds.</summary>
public static partial class DurationText
{
    public static string Of(int seconds) =>
        seconds switch
        {
            > 0 when seconds % 86_400 == 0 => seconds == 86_400 ? "1 day" : $"{seconds / 86_400} days",
            > 0 when seconds % 3600 == 0 => $"{seconds / 3600} h",
            > 0 when seconds % 60 == 0 => $"{seconds / 60} min",
            _ => $"{seconds} s",
        };

    /// <summary>Whole seconds, rounded; null if it is not a duration.</summary>
    public static int? Parse(string text)
    {
        var match = Pattern().Match(text);
        if (
            !match.Success
            || !decimal.TryParse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        )
        {
            return null;
        }

        var unit = match.Groups["unit"].Value.ToLowerInvariant() switch
        {
            "" => 1,
            var word => word[0] switch
            {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                _ => 86_400,
            },
        };
        return (int)Math.Min(int.MaxValue, Math.Round(Math.Min(number, int.MaxValue) * unit, MidpointRounding.AwayFromZero));
    }

    [GeneratedRegex(
        @"^\s*(?<number>[0-9]{1,12}(\.[0-9]{1,6})?)\s*(?<unit>s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Pattern();
}
