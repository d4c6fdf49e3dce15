using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using Quartz;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>
/// The moments at which a schedule is due: the one calculation behind preview, planning and what happens. Quartz's five-field cron: where
/// clocks go forward, a time that does not exist fires
/// once at the end of the gap; where they go back, a fixed time fires once, and “each hour” or “each 15 minutes” continues in real time.
/// </summary>
public sealed class ScheduleCalendar
{
    private readonly CronExpression _cron;
    private readonly DateTime? _startsAt;
    private readonly DateTime? _endsAt;

    private ScheduleCalendar(CronExpression cron, ScheduleSettings settings)
    {
        _cron = cron;
        _startsAt = settings.StartsAt;
        _endsAt = settings.EndsAt;
    }

    /// <summary>The calendar of a schedule.</summary>
    /// <returns>Or what is wrong, at <c>schedule.cron</c>, <c>schedule.timeZone</c> or <c>schedule.endsAt</c>.</returns>
    public static Result<ScheduleCalendar> Of(ScheduleSettings settings)
    {
        var errors = new List<FieldError>();
        var fields = settings.Cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        CronExpression? cron = null;
        if (fields.Length != 5)
        {
            errors.Add(
                new FieldError(
                    "schedule.cron",
                    "A cron expression has five fields: minute, hour, day of month, month, day of week. For example, “0 9 * * "
                        + "1-5” is every weekday at 9:00."
                )
            );
        }
        else if (!CronExpression.TryParse(settings.Cron, CronFormat.Unix, out cron))
        {
            errors.Add(
                new FieldError(
                    "schedule.cron",
                    "This is not a cron expression. For example, “*/15 * * * *” is every 15 minutes and “0 9 * * 1#1” is the "
                        + "first Monday of each month at 9:00."
                )
            );
        }

        if (FindZone(settings.TimeZone) is not { } zone)
        {
            errors.Add(
                new FieldError(
                    "schedule.timeZone",
                    $"There is no time zone “{settings.TimeZone}”. Use an IANA name, for example Europe/Berlin or UTC."
                )
            );
        }
        else if (cron is not null)
        {
            cron = cron.WithTimeZone(zone);
            if (cron.GetNextValidTimeAfter(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)) is null)
            {
                errors.Add(new FieldError("schedule.cron", "This date never occurs. Choose another day or month."));
            }
        }

        if (settings.EndsAt <= settings.StartsAt)
        {
            errors.Add(new FieldError("schedule.endsAt", "The end must be after the start."));
        }

        return errors.Count == 0 ? new ScheduleCalendar(cron!, settings) : Problem.Invalid("This is not a schedule.", errors);
    }

    /// <summary>The zone of an IANA name; null when there is none.</summary>
    public static TimeZoneInfo? FindZone(string name) =>
        name.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId ? zone : null;

    /// <summary>The first moment (UTC) after another at which the schedule is due; null when there is none any more.</summary>
    public DateTime? NextAfter(DateTime utc)
    {
        // Cron counts whole seconds, so a second before the start is the latest moment that does not pass over it.
        var from = _startsAt is { } startsAt && utc < startsAt ? startsAt.AddSeconds(-1) : utc;
        var next = _cron.GetNextValidTimeAfter(new DateTimeOffset(DateTime.SpecifyKind(from, DateTimeKind.Utc)))?.UtcDateTime;
        return next > _endsAt ? null : next;
    }

    /// <summary>The next moments, at most so many.</summary>
    public IReadOnlyList<DateTime> NextAfter(DateTime utc, int count)
    {
        var times = new List<DateTime>(count);
        for (var next = NextAfter(utc); next is { } time && times.Count < count; next = NextAfter(time))
        {
            times.Add(time);
        }

        return times;
    }
}
