using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>
/// Live state for pages and SSE. The database is the source of truth; the feed only delivers sooner, and carries the tokens, which reach
/// the database once, as the finished log.
/// </summary>
public sealed class RunFeed
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveRun> _runs = [];

    /// <summary>Signals that any run changed.</summary>
    internal ChangeSignal ListChanged { get; } = new();

    /// <summary>Holds a run in memory; release it with <see cref="Release"/>.</summary>
    internal LiveRun Hold(string runId)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var run))
            {
                _runs.Add(runId, run = new LiveRun(runId));
            }

            run.Holders++;
            return run;
        }
    }

    /// <summary>The run if it is in memory.</summary>
    internal LiveRun? Find(string runId)
    {
        lock (_lock)
        {
            return _runs.GetValueOrDefault(runId);
        }
    }

    /// <summary>All runs in memory.</summary>
    internal IReadOnlyList<LiveRun> Held()
    {
        lock (_lock)
        {
            return [.. _runs.Values];
        }
    }

    internal void Release(LiveRun run)
    {
        lock (_lock)
        {
            if (--run.Holders == 0)
            {
                _runs.Remove(run.RunId);
            }
        }
    }

    /// <summary>Shows a committed state to all viewers.</summary>
    internal void Publish(RunState state)
    {
        LiveRun? run;
        lock (_lock)
        {
            run = _runs.GetValueOrDefault(state.Id);
        }

        run?.Publish(state);
        ListChanged.Raise();
    }
}
