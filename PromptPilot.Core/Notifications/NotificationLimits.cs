using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Notifications;

internal static class NotificationLimits
{
    public const int MaxCause = 500;
    public const int MaxTitle = 300;

    /// <summary>The time for which a notification is kept.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromDays(30);

    /// <summary>
    /// How far back to look for facts: less than the retention, so that facts whose notification was removed or suppressed do not notify
    /// again.
    /// </summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromDays(29);

    /// <summary>The same cause notifies once in this time.</summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromHours(1);

    /// <summary>Names and messages come from people and models: one line, and not too long.</summary>
    public static string Line(string text, int most)
    {
        var line = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character)).Trim();
        return Shorten.Text(line, most);
    }
}
