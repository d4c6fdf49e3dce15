using Microsoft.Extensions.Options;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>The queue in memory: a mirror of the queued rows, loaded from them at start, and the slots in use.</summary>
internal sealed class RunQueue(IOptions<RunsOptions> options)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<QueuedRun> _waiting = new(RunAdmission.Order);
    private readonly Dictionary<string, QueuedRun> _byId = [];
    private int _used;
    private long _sequence;

    /// <summary>Takes a slot for a run that is just being made, if one is free and nobody waits for it.</summary>
    public bool TryTakeSlot()
    {
        lock (_lock)
        {
            if (_used >= options.Value.MaxConcurrentRuns || _waiting.Count > 0)
            {
                return false;
            }

            _used++;
            return true;
        }
    }

    /// <returns>False when it is in line already.</returns>
    public bool Add(string runId, string workflowId, RunPriority priority)
    {
        lock (_lock)
        {
            var run = new QueuedRun(runId, workflowId, priority, ++_sequence);
            return _byId.TryAdd(runId, run) && _waiting.Add(run);
        }
    }

    /// <summary>Takes a run out of the queue.</summary>
    /// <returns>Null when it is not waiting, e.g. it has just been admitted.</returns>
    public QueuedRun? Remove(string runId)
    {
        lock (_lock)
        {
            return _byId.Remove(runId, out var run) && _waiting.Remove(run) ? run : null;
        }
    }

    /// <summary>Takes the runs that may start now, each with a slot.</summary>
    public IReadOnlyList<string> Admit()
    {
        lock (_lock)
        {
            var picked = RunAdmission.Pick(_waiting, options.Value.MaxConcurrentRuns - _used);
            foreach (var run in picked)
            {
                _waiting.Remove(run);
                _byId.Remove(run.RunId);
            }

            _used += picked.Count;
            return [.. picked.Select(run => run.RunId)];
        }
    }

    public void ReleaseSlot()
    {
        lock (_lock)
        {
            _used--;
        }
    }
}
