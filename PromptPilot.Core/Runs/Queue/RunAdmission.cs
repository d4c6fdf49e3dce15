namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// Picks the runs to start. A pure function: the same entries, slots, permits and time give the same answer. In this order:
/// <list type="number">
/// <item>A run whose workflow is at its limit or whose profile accepts no calls is skipped and delays no other run.</item>
/// <item>The higher class goes first: a person who waits, then a webhook, then a schedule, then an experiment. Each
/// <see cref="AgeStep"/> of waiting raises a run by a class, so that no run starves; experiments stay last.</item>
/// <item>Within a class, the workflow with the fewest running runs goes first, so that a thousand runs of one do not delay the single run
/// of another.</item> <item>Then the run that has waited longest.</item> </list>
/// </summary>
internal static class RunAdmission
{
    /// <summary>Waiting time that raises a run by one class.</summary>
    public static readonly TimeSpan AgeStep = TimeSpan.FromSeconds(60);

    /// <summary>A run's current class, raised by its waiting time.</summary>
    public static RunPriority ClassOf(RunPriority priority, DateTime queuedAt, DateTime now)
    {
        if (priority == RunPriority.Experiment)
        {
            return priority;
        }

        var steps = Math.Max(0, (now - queuedAt).Ticks / AgeStep.Ticks);
        return (RunPriority)Math.Min((int)RunPriority.Person, (int)priority + steps);
    }

    /// <summary>The run that may start next; null when none may. It stays queued.</summary>
    /// <param name="hasRoom">True when a profile accepts a call.</param>
    public static QueueEntry? Next(QueueEntries entries, Func<string, bool> hasRoom, DateTime now)
    {
        QueueEntry? best = null;
        var (bestClass, bestRunning) = (RunPriority.Scheduled, 0);
        foreach (var (group, head) in entries.Heads)
        {
            var headClass = ClassOf(group.Priority, head.QueuedAt, now);
            var isBetter =
                best is null
                || (
                    headClass != bestClass ? headClass > bestClass
                    : group.Running != bestRunning ? group.Running < bestRunning
                    : QueueEntry.ByAge.Compare(head, best) < 0
                );
            if (isBetter && (group.ProfileId is not { } profile || hasRoom(profile)))
            {
                (best, bestClass, bestRunning) = (head, headClass, group.Running);
            }
        }

        return best;
    }

    /// <summary>Removes the runs that may start now from the queue, in order, and marks them as running.</summary>
    /// <param name="freePermits">Number of calls a profile accepts now. Each run that starts uses one.</param>
    public static IReadOnlyList<QueueEntry> Admit(QueueEntries entries, int freeSlots, Func<string, int> freePermits, DateTime now)
    {
        if (freeSlots <= 0 || entries.Count == 0)
        {
            return [];
        }

        var admitted = new List<QueueEntry>();
        var limiters = new Dictionary<string, int>(StringComparer.Ordinal);
        int Left(string profile) => limiters.TryGetValue(profile, out var left) ? left : limiters[profile] = freePermits(profile);
        while (admitted.Count < freeSlots && Next(entries, profile => Left(profile) > 0, now) is { } run)
        {
            entries.Start(run.WorkflowId);
            entries.Remove(run);
            admitted.Add(run);
            if (run.ProfileId is { } profile)
            {
                limiters[profile] = Left(profile) - 1;
            }
        }

        return admitted;
    }

    /// <summary>
    /// A waiting run's position, from 1: how many would start before it if slots came free one after the other and nothing else
    /// happened.
    /// An estimate, since runs that end, limits and profiles change it.
    /// </summary>
    public static int Position(QueueEntries entries, QueueEntry run, DateTime now)
    {
        var ownClass = ClassOf(run.Priority, run.QueuedAt, now);
        var (higher, same) = Split(entries.WaitingOf(run.WorkflowId), ownClass, now);

        // As if waiting in rows: a workflow's next run is one row behind those that already run.
        var before = same.FindIndex(other => other.RunId == run.RunId);
        var row = entries.RunningOf(run.WorkflowId) + higher + before;
        before += higher;
        foreach (var workflow in entries.Workflows)
        {
            if (workflow == run.WorkflowId)
            {
                continue;
            }

            (higher, same) = Split(entries.WaitingOf(workflow), ownClass, now);
            var ahead = Math.Clamp(row - entries.RunningOf(workflow) - higher, 0, same.Count);
            before += higher + ahead;
            if (entries.RunningOf(workflow) + higher + ahead == row && ahead < same.Count && QueueEntry.ByAge.Compare(same[ahead], run) < 0)
            {
                before++;
            }
        }

        return before + 1;
    }

    /// <summary>Number of a workflow's runs in a higher class, and those of the same class by age.</summary>
    private static (int Higher, List<QueueEntry> Same) Split(IEnumerable<QueueEntry> waiting, RunPriority ownClass, DateTime now)
    {
        var higher = 0;
        var same = new List<QueueEntry>();
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

        same.Sort(QueueEntry.ByAge);
        return (higher, same);
    }
}
