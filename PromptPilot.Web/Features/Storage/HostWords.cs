using PromptPilot.Core.Storage;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Storage;

/// <summary>What the page says about a host.</summary>
internal static class HostWords
{
    /// <summary>In milliseconds. Sign-in codes and schedules depend on the host's clock.</summary>
    private const int LargestClockDifference = 2000;

    public static StatusLook Look(HostView host) =>
        host.Condition switch
        {
            HostCondition.Starting => new StatusLook("…", "Starting", "run"),
            HostCondition.Ready => new StatusLook("✓", "Ready", "ok"),
            HostCondition.NotReady => new StatusLook("✕", "Not ready", "bad"),
            HostCondition.Reconnecting => new StatusLook("…", "Reconnecting", "warn"),
            HostCondition.NotResponding => new StatusLook("✕", "Not responding", "bad"),
            HostCondition.Ended => new StatusLook("–", "Ended", ""),
        };

    /// <summary>Why it is not ready, and what follows from that; null if it is.</summary>
    public static string? Reason(HostView host) =>
        host.Condition switch
        {
            HostCondition.NotReady => host.NotReady,
            HostCondition.Reconnecting => "Lost its connection to PostgreSQL, and is opening a new one.",
            HostCondition.NotResponding => "The process hangs. Restart it. Other hosts continue its runs.",
            HostCondition.Ended => "Ended without shutting down properly. Other hosts continue its runs.",
            _ => null,
        };

    public static string Runs(HostView host) =>
        host.Slots is { } slots ? $"{Format.Count(host.Runs)} of {Format.Count(slots)}" : Format.Count(host.Runs);

    public static string Renewed(HostView host) =>
        host.SecondsSilent < 60 ? $"{host.SecondsSilent} s ago" : $"{Format.Duration(host.SecondsSilent * 1000L)} ago";

    public static string Milliseconds(int? duration) => duration is { } known ? Format.Duration(known) : "–";

    /// <summary>How late it learns of changes that other hosts make.</summary>
    public static string Notifications(HostView host) => host.IsListening ? Milliseconds(host.LagMs) : "not received";

    public static bool IsClockWrong(HostView host) => host.ClockMs is { } clock && Math.Abs((long)clock) > LargestClockDifference;

    public static string Clock(HostView host) =>
        host.ClockMs switch
        {
            null => "–",
            0 => "0 ms",
            > 0 and var ahead => $"{Format.Duration(ahead)} ahead",
            var behind => $"{Format.Duration(-(long)behind)} behind",
        };
}
