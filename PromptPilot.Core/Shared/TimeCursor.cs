using System.Globalization;

namespace PromptPilot.Core.Shared;

/// <summary>The place after a row in a list by time: the row's time, and its id, which keeps rows of the same instant apart.</summary>
internal sealed record TimeCursor(DateTime At, string Id)
{
    /// <summary>Reads what <see cref="ToString(char)"/> wrote with the same separator.</summary>
    /// <returns>Null when it is something else.</returns>
    public static TimeCursor? Parse(string text, char separator)
    {
        var parts = text.Split(separator, 2);
        return
            parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTime.MaxValue.Ticks
            ? new TimeCursor(new DateTime(ticks, DateTimeKind.Utc), parts[1])
            : null;
    }

    /// <param name="separator">Each list has its own, so that a cursor of another list is detected.</param>
    public string ToString(char separator) => string.Create(CultureInfo.InvariantCulture, $"{At.Ticks}{separator}{Id}");
}
