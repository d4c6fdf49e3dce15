namespace PromptPilot.Core.Runs.Execution;

/// <summary>A run that waits for a slot.</summary>
/// <param name="Sequence">Tells runs apart that were queued at the same moment.</param>
/// <param name="QueuedAt">Since when it waits (UTC).</param>
/// <param name="ProfileId">The model profile that its next call needs; null when that is not known yet.</param>
internal sealed record QueuedRun(
    string RunId,
    string WorkflowId,
    RunPriority Priority,
    long Sequence,
    DateTime QueuedAt = default,
    string? ProfileId = null
)
{
    /// <summary>Who has waited longest is first.</summary>
    public static readonly IComparer<QueuedRun> ByAge = Comparer<QueuedRun>.Create(
        (left, right) => left.QueuedAt != right.QueuedAt ? left.QueuedAt.CompareTo(right.QueuedAt) : left.Sequence.CompareTo(right.Sequence)
    );
}

/// <summary>
/// Picks which runs start. Knows no clock and no database: the same line, slots, lanes and time give the same answer. In this order:
/// <list type="number">
/// <item>What may not start is passed over, and holds nobody up behind it: its workflow runs as often as it may, or its profile takes no
/// call.</item>
/// <item>The higher class goes first: a person who waits, then a webhook, then a schedule. Each <see cref="AgeStep"/> of waiting raises a
/// run by a class, so that nobody starves.</item>
/// <item>Within a class, the workflow that runs least goes first, so that a thousand runs of one do not hold up the single run of
/// another.</item>
/// <item>Then who has waited longest.</item>
/// </list>
/// </summary>
internal static class RunAdmission
{
    /// <summary>How long a run waits until it counts as one class higher.</summary>
    public static readonly TimeSpan AgeStep = TimeSpan.FromSeconds(60);

    /// <summary>The class that counts for a run now.</summary>
    public static RunPriority ClassOf(RunPriority priority, DateTime queuedAt, DateTime now)
    {
        var steps = Math.Max(0, (now - queuedAt).Ticks / AgeStep.Ticks);
        return (RunPriority)Math.Min((int)RunPriority.Person, (int)priority + steps);
    }

    /// <summary>The run that may start next; null when none may. It stays in line.</summary>
    /// <param name="hasRoom">Whether a profile takes a call.</param>
    public static QueuedRun? Next(RunLine line, Func<string, bool> hasRoom, DateTime now)
    {
        QueuedRun? best = null;
        var (bestClass, bestRunning) = (RunPriority.Scheduled, 0);
        foreach (var (group, head) in line.Heads)
        {
            var headClass = ClassOf(group.Priority, head.QueuedAt, now);
            var isBetter =
                best is null
                || (
                    headClass != bestClass ? headClass > bestClass
                    : group.Running != bestRunning ? group.Running < bestRunning
                    : QueuedRun.ByAge.Compare(head, best) < 0
                );
            if (isBetter && (group.ProfileId is not { } profile || hasRoom(profile)))
            {
                (best, bestClass, bestRunning) = (head, headClass, group.Running);
            }
        }

        return best;
    }

    /// <summary>Takes the runs that may start now out of the line, first first; they count as running from here on.</summary>
    /// <param name="freeLanes">How many calls a profile takes now. Each run that starts uses one up.</param>
    public static IReadOnlyList<QueuedRun> Admit(RunLine line, int freeSlots, Func<string, int> freeLanes, DateTime now)
    {
        if (freeSlots <= 0 || line.Count == 0)
        {
            return [];
        }

        var admitted = new List<QueuedRun>();
        var lanes = new Dictionary<string, int>(StringComparer.Ordinal);
        int Left(string profile) => lanes.TryGetValue(profile, out var left) ? left : lanes[profile] = freeLanes(profile);
        while (admitted.Count < freeSlots && Next(line, profile => Left(profile) > 0, now) is { } run)
        {
            line.Start(run.WorkflowId);
            line.Remove(run);
            admitted.Add(run);
            if (run.ProfileId is { } profile)
            {
                lanes[profile] = Left(profile) - 1;
            }
        }

        return admitted;
    }

    /// <summary>
    /// A waiting run's place in line, from 1: how many would start before it if slots came free one after the other and nothing else
    /// happened.
    /// An estimate, since runs that end, limits and profiles change it.
    /// </summary>
    public static int Position(RunLine line, QueuedRun run, DateTime now)
    {
        var ownClass = ClassOf(run.Priority, run.QueuedAt, now);
        var (higher, same) = Split(line.WaitingOf(run.WorkflowId), ownClass, now);

        // Turns are given out as to runs in rows: a workflow's next run sits in the row after those that run already.
        var before = same.FindIndex(other => other.RunId == run.RunId);
        var row = line.RunningOf(run.WorkflowId) + higher + before;
        before += higher;
        foreach (var workflow in line.Workflows)
        {
            if (workflow == run.WorkflowId)
            {
                continue;
            }

            (higher, same) = Split(line.WaitingOf(workflow), ownClass, now);
            var ahead = Math.Clamp(row - line.RunningOf(workflow) - higher, 0, same.Count);
            before += higher + ahead;
            if (line.RunningOf(workflow) + higher + ahead == row && ahead < same.Count && QueuedRun.ByAge.Compare(same[ahead], run) < 0)
            {
                before++;
            }
        }

        return before + 1;
    }

    /// <summary>How many of a workflow's runs are of a higher class, and those of the same class by age.</summary>
    private static (int Higher, List<QueuedRun> Same) Split(IEnumerable<QueuedRun> waiting, RunPriority ownClass, DateTime now)
    {
        var higher = 0;
        var same = new List<QueuedRun>();
        foreach (var run in waiting)
        {
            var runClass = ClassOf(run.Priority, run.QueuedAt, now);
            if (runClass > ownClass)
            {
                higher++;
            }
            else if (runClass == ownClass)
            {
                same.Add(run);
            }
        }

        same.Sort(QueuedRun.ByAge);
        return (higher, same);
    }
}
