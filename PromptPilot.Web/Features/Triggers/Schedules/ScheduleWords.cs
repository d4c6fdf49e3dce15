using System.Globalization;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Triggers.Schedules;

/// <summary>Texts of schedules and firings.</summary>
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
            MisfirePolicy.Skip => "missed firings are skipped",
            MisfirePolicy.Once => "one run makes up for missed firings",
            MisfirePolicy.All => $"up to {limit} missed firings are made up for",
        };

    public static string While(OverlapPolicy policy) =>
        policy switch
        {
            OverlapPolicy.Allow => "another one starts",
            OverlapPolicy.Skip => "the next firing is skipped",
            OverlapPolicy.Queue => "the next one waits for it",
        };

    public static string Explain(MisfirePolicy policy) =>
        policy switch
        {
            MisfirePolicy.Skip => "After downtime, continues with the next firing. Missed firings are listed.",
            MisfirePolicy.Once => "After downtime, starts one run, no matter how many firings were missed.",
            MisfirePolicy.All => "After downtime, starts a run for each missed firing, up to the limit. The newest ones take precedence.",
        };

    public static string Explain(OverlapPolicy policy) =>
        policy switch
        {
            OverlapPolicy.Allow => "Every firing starts a run.",
            OverlapPolicy.Skip => "The firing is skipped and listed.",
            OverlapPolicy.Queue => "The run starts when the previous one has ended. At most 100 can wait.",
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
