using System.Globalization;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Web.Components.Controls;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>Schedules and firings in words.</summary>
internal static class ScheduleWords
{
    public static string Of(Trigger trigger) => trigger.Schedule is { } schedule ? SchedulePick.Words(schedule.Cron) : "No times yet";

    /// <summary>A moment in the schedule's zone, with its offset, since that is what changes on daylight-saving days.</summary>
    public static string Moment(DateTime utc, string timeZone)
    {
        var zone = ScheduleCalendar.FindZone(timeZone) ?? TimeZoneInfo.Utc;
        var local = TimeZoneInfo.ConvertTime(new DateTimeOffset(utc), zone);
        return local.ToString("ddd d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)
            + (local.Offset == TimeSpan.Zero ? " UTC" : local.ToString(" 'UTC'zzz", CultureInfo.InvariantCulture));
    }

    /// <summary>“in 3 minutes”.</summary>
    public static string In(DateTime at, DateTime now) =>
        (at - now) switch
        {
            { TotalSeconds: < 60 } => "within a minute",
            { TotalMinutes: < 60 } left => $"in {Format.Count((long)left.TotalMinutes, "minute")}",
            { TotalHours: < 48 } left => $"in {Format.Count((long)left.TotalHours, "hour")}",
            var left => $"in {Format.Count((long)left.TotalDays, "day")}",
        };

    /// <summary>“2 missed, 1 skipped”.</summary>
    public static string Lost(int missed, int skipped) =>
        string.Join(
            ", ",
            new[]
            {
                missed > 0 ? $"{Format.Count(missed)} missed" : null,
                skipped > 0 ? $"{Format.Count(skipped)} skipped" : null,
            }.OfType<string>()
        );

    public static string Of(MisfirePolicy policy, int limit) =>
        policy switch
        {
            MisfirePolicy.Skip => "missed firings are left out",
            MisfirePolicy.Once => "missed firings are caught up with once",
            MisfirePolicy.All => $"up to {limit} missed firings are caught up with",
        };

    public static string While(OverlapPolicy policy) =>
        policy switch
        {
            OverlapPolicy.Allow => "another one starts all the same",
            OverlapPolicy.Skip => "the next time is left out",
            OverlapPolicy.Queue => "the next one waits for it",
        };

    public static string Explain(MisfirePolicy policy) =>
        policy switch
        {
            MisfirePolicy.Skip => "After a stop it goes on with the next time. What was missed is listed.",
            MisfirePolicy.Once => "After a stop one run starts at once, however many times were missed.",
            MisfirePolicy.All =>
                "After a stop a run starts for each missed time, the newest first to be kept when there are more than the limit.",
        };

    public static string Explain(OverlapPolicy policy) =>
        policy switch
        {
            OverlapPolicy.Allow => "Each time starts a run, whatever else goes on.",
            OverlapPolicy.Skip => "That time is left out, and listed as skipped.",
            OverlapPolicy.Queue => "It starts when the one before has ended. At most 100 wait.",
        };

    public static (string Word, string Sign, string Tone) Of(FiringOutcome outcome) =>
        outcome switch
        {
            FiringOutcome.Starting => ("Starting", "●", "run"),
            FiringOutcome.Waiting => ("Waiting", "‖", "warn"),
            FiringOutcome.Fired => ("Fired", "✓", "ok"),
            FiringOutcome.Missed => ("Missed", "!", "warn"),
            FiringOutcome.Skipped => ("Skipped", "–", "warn"),
        };
}
