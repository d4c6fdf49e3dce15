using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>A time at which a schedule was due, and what to do about it.</summary>
/// <param name="Outcome"><see cref="FiringOutcome.Starting"/> or <see cref="FiringOutcome.Missed"/>.</param>
/// <param name="Count">The number of firings that this row represents.</param>
internal sealed record PlannedFiring(DateTime DueAt, FiringOutcome Outcome, string? Reason, int Count = 1);

/// <summary>Decides what a due schedule does: a pure function of settings and time.</summary>
/// <param name="Firings">The oldest first.</param>
/// <param name="NextAt">When it is due next; null when never again.</param>
internal sealed record SchedulePlan(IReadOnlyList<PlannedFiring> Firings, DateTime? NextAt)
{
    /// <summary>The newest missed firings that get their own rows; the oldest of these represents all before it.</summary>
    public const int MostMissed = 500;

    private static readonly TimeSpan SmallSetBack = TimeSpan.FromHours(3);

    private const string NotRunning = "PromptPilot was not running.";

    /// <summary>Decides on all moments from <paramref name="dueAt"/> to now.</summary>
    /// <param name="lateAfter">A firing that is noticed later than this is a missed one.</param>
    public static SchedulePlan Of(ScheduleSettings settings, ScheduleCalendar calendar, DateTime dueAt, DateTime now, TimeSpan lateAfter)
    {
        var late = new Queue<DateTime>();
        var older = 0;
        var inTime = new List<PlannedFiring>();
        DateTime? due = dueAt;
        for (; due is { } time && time <= now; due = calendar.NextAfter(time))
        {
            if (now - time <= lateAfter)
            {
                inTime.Add(new PlannedFiring(time, FiringOutcome.Starting, null));
                continue;
            }

            late.Enqueue(time);
            if (late.Count > MostMissed)
            {
                late.Dequeue();
                older++;
            }
        }

        var caughtUp = Math.Min(
            late.Count,
            settings.Misfire switch
            {
                MisfirePolicy.Skip => 0,
                MisfirePolicy.Once => inTime.Count == 0 ? 1 : 0,
                MisfirePolicy.All => settings.CatchUpLimit,
            }
        );
        var missed = late.Count - caughtUp;
        var firings = late.Select(
            (time, index) =>
                index >= missed
                    ? new PlannedFiring(time, FiringOutcome.Starting, $"{NotRunning} Caught up.")
                    : Missed(time, settings, caughtUp, inTime.Count, index == 0 ? older : 0)
        );
        return new SchedulePlan([.. firings, .. inTime], due);
    }

    /// <summary>
    /// When a schedule is due next after the clock was set back. As cron does it: by less than three hours, what has a time of day and was
    /// started does not start again; what comes each hour or more often, and everything after a larger change, goes by the new time.
    /// </summary>
    public static DateTime NextAfterSetBack(ScheduleCalendar calendar, DateTime planned, DateTime? lastFiredAt, DateTime now)
    {
        var isPassedOver =
            lastFiredAt is { } last && last > now && last - now < SmallSetBack && calendar.NextAfter(last) - last > TimeSpan.FromHours(1);
        var from = isPassedOver ? lastFiredAt!.Value : now;
        return calendar.NextAfter(from) is { } next && next < planned ? next : planned;
    }

    private static PlannedFiring Missed(DateTime time, ScheduleSettings settings, int caughtUp, int inTime, int older)
    {
        var why = settings.Misfire switch
        {
            MisfirePolicy.Skip => "This schedule skips missed firings.",
            MisfirePolicy.Once => caughtUp == 0 && inTime > 0
                ? "The next firing makes up for it."
                : "One later firing makes up for all missed ones.",
            MisfirePolicy.All => $"This schedule makes up for the last {settings.CatchUpLimit} only.",
        };
        return new PlannedFiring(
            time,
            FiringOutcome.Missed,
            older == 0 ? $"{NotRunning} {why}" : $"{NotRunning} {why} This row also represents {older:N0} older ones.",
            older + 1
        );
    }
}
