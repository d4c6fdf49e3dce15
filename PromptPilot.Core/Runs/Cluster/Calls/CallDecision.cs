using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>How many calls of a profile this host may begin.</summary>
/// <param name="Now">The database's time.</param>
/// <param name="Room">Number of calls.</param>
/// <param name="OpensAt">The time before which none may begin; null when it does not depend on time.</param>
/// <param name="Slow">How far the profile is slowed down.</param>
internal sealed record CallDecision(TimeSpan Now, int Room, TimeSpan? OpensAt, SlowDownState Slow)
{
    /// <summary>A pure function of the rows and of what this host has to add to them.</summary>
    /// <param name="endedBefore">Number of calls that were open until just before: the ones that got a 429 are among them.</param>
    public static CallDecision Of(
        CallSlotRow row,
        ModelLimits? limits,
        IReadOnlyList<TimeSpan?>? slowDowns = null,
        int successes = 0,
        int endedBefore = 0
    )
    {
        var now = CallSlotRows.TimeOf(row.Now);
        var slow = row.SlowDown();
        foreach (var retryAfter in slowDowns ?? [])
        {
            slow = slow.After429(row.Open + endedBefore, retryAfter, now);
        }

        for (var i = 0; i < successes; i++)
        {
            slow = slow.AfterSuccess(now);
        }

        slow = slow.At(now);
        TimeSpan? opensAt = slow.ClosedUntil > now ? slow.ClosedUntil : null;
        if (PerMinute(limits) is { } perMinute && row.InWindow >= perMinute && row.InTheWay is { } inTheWay)
        {
            var leaves = CallSlotRows.TimeOf(inTheWay) + ProfileLimiter.Window;
            opensAt = opensAt > leaves ? opensAt : leaves;
        }

        return new CallDecision(now, opensAt is null ? Math.Max(0, FreeOf(row, limits, slow) - row.Ahead) : 0, opensAt, slow);
    }

    /// <summary>The limit of calls per minute; null: none.</summary>
    public static int? PerMinute(ModelLimits? limits) => limits?.RequestsPerMinute is { } perMinute ? Math.Max(1, perMinute) : null;

    private static int FreeOf(CallSlotRow row, ModelLimits? limits, SlowDownState slow)
    {
        var most = Math.Min(limits?.ConcurrentCalls ?? double.PositiveInfinity, Math.Floor(slow.Allowed));
        var free = double.IsPositiveInfinity(most) ? int.MaxValue : (int)most - row.Open;
        return Math.Max(0, PerMinute(limits) is { } perMinute ? Math.Min(free, perMinute - row.InWindow) : free);
    }
}
