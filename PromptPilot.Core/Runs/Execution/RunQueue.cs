using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// The queue in memory: a mirror of the queued rows, loaded from them at start, and the slots in use. Limits of workflows are those that
/// <see cref="LiveLimits"/> has;
/// a changed one counts from the next look on.
/// </summary>
public sealed class RunQueue
{
    private readonly Lock _lock = new();
    private readonly RunLine _line = new();
    private readonly Dictionary<string, QueuedRun> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string WorkflowId, int Count)> _slots = new(StringComparer.Ordinal);

    /// <summary>Workflows in line whose limit is to be read (again). One that was never read starts nothing.</summary>
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    private readonly IOptions<RunsOptions> _options;
    private readonly LiveLimits _limits;
    private readonly ProfileLanes _lanes;
    private readonly TimeProvider _time;
    private readonly ILogger<RunQueue> _log;
    private int _used;
    private long _sequence;

    public RunQueue(IOptions<RunsOptions> options, LiveLimits limits, ProfileLanes lanes, TimeProvider time, ILogger<RunQueue> log)
    {
        _options = options;
        _limits = limits;
        _lanes = lanes;
        _time = time;
        _log = log;
        limits.Changed += ReadAgain;
    }

    /// <summary>Signals that a waiting run may be able to start: it was queued, or a slot was released.</summary>
    internal Pulse Changed { get; } = new();

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    private int FreeSlots => _options.Value.MaxConcurrentRuns - _used;

    /// <summary>How many runs wait.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _byId.Count;
            }
        }
    }

    /// <summary>Takes a slot for a run that is just being made, if it may start and nobody who may start waits for it.</summary>
    /// <param name="profileId">The profile that its first call needs; null when that is not clear.</param>
    internal async ValueTask<bool> TryTakeSlotAsync(
        string runId,
        string workflowId,
        string? profileId = null,
        CancellationToken cancellationToken = default
    )
    {
        var limit = (await _limits.ForAsync(workflowId, cancellationToken)).MaxConcurrentRuns;
        lock (_lock)
        {
            if (
                FreeSlots <= 0
                || _line.RunningOf(workflowId) >= (limit ?? int.MaxValue)
                || (profileId is not null && !_lanes.HasRoom(profileId))
                || (_line.Count > 0 && RunAdmission.Next(_line, _lanes.HasRoom, Now) is not null)
            )
            {
                return false;
            }

            _line.Start(workflowId);
            _line.Limit(workflowId, limit);
            TakeSlot(runId, workflowId);
            return true;
        }
    }

    /// <summary>Puts a run in line.</summary>
    /// <param name="profileId">The profile that its next call needs; null when that is not clear.</param>
    /// <param name="queuedAt">Since when it waits (UTC); null: since now.</param>
    /// <returns>False when it is in line already.</returns>
    internal bool Add(string runId, string workflowId, RunPriority priority, string? profileId = null, DateTime? queuedAt = null)
    {
        lock (_lock)
        {
            var run = new QueuedRun(runId, workflowId, priority, ++_sequence, queuedAt ?? Now, profileId);
            if (!_byId.TryAdd(runId, run))
            {
                return false;
            }

            var isNew = !_line.Knows(workflowId);
            _line.Add(run);
            if (isNew)
            {
                _line.Limit(workflowId, 0);
            }

            _unread.Add(workflowId);
        }

        Changed.Beat();
        return true;
    }

    /// <summary>Takes a run out of the queue.</summary>
    /// <returns>Null when it is not waiting, e.g. it has just been admitted.</returns>
    internal QueuedRun? Remove(string runId)
    {
        lock (_lock)
        {
            if (_byId.Remove(runId, out var run))
            {
                _line.Remove(run);
            }

            return run;
        }
    }

    /// <summary>Takes the runs that may start now, each with a slot.</summary>
    internal async ValueTask<IReadOnlyList<string>> AdmitAsync()
    {
        await ReadLimitsAsync();
        lock (_lock)
        {
            var admitted = RunAdmission.Admit(_line, FreeSlots, _lanes.Free, Now);
            foreach (var run in admitted)
            {
                _byId.Remove(run.RunId);
                TakeSlot(run.RunId, run.WorkflowId);
            }

            return [.. admitted.Select(run => run.RunId)];
        }
    }

    /// <summary>Gives a run's slot back, when it has ended or parked.</summary>
    internal void ReleaseSlot(string runId)
    {
        bool isWanted;
        lock (_lock)
        {
            if (!_slots.TryGetValue(runId, out var slot))
            {
                return;
            }

            _used--;
            _line.End(slot.WorkflowId);
            if (slot.Count == 1)
            {
                _slots.Remove(runId);
            }
            else
            {
                _slots[runId] = slot with { Count = slot.Count - 1 };
            }

            isWanted = _byId.Count > 0;
        }

        if (isWanted)
        {
            Changed.Beat();
        }
    }

    /// <summary>A run's place in line, from 1; null when it does not wait. An estimate: see <see cref="RunAdmission.Position"/>.</summary>
    internal int? Position(string runId)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(runId, out var run) ? RunAdmission.Position(_line, run, Now) : null;
        }
    }

    /// <summary>When time alone lets a waiting run's profile take a call (UTC); null when no waiting run hangs on time.</summary>
    internal DateTime? OpensAt()
    {
        string[] profiles;
        lock (_lock)
        {
            profiles = [.. _line.Profiles];
        }

        return profiles.Select(_lanes.OpensAt).Min();
    }

    /// <summary>A run that leaves while it is wanted again may have two for a moment.</summary>
    private void TakeSlot(string runId, string workflowId)
    {
        _used++;
        _slots[runId] = (workflowId, _slots.TryGetValue(runId, out var slot) ? slot.Count + 1 : 1);
    }

    private void ReadAgain(string workflowId)
    {
        lock (_lock)
        {
            _unread.Add(workflowId);
        }
    }

    private async ValueTask ReadLimitsAsync()
    {
        string[] unread;
        lock (_lock)
        {
            if (_unread.Count == 0)
            {
                return;
            }

            unread = [.. _unread];
            _unread.Clear();
        }

        foreach (var workflowId in unread)
        {
            try
            {
                var limit = (await _limits.ForAsync(workflowId, CancellationToken.None)).MaxConcurrentRuns;
                lock (_lock)
                {
                    _line.Limit(workflowId, limit);
                }
            }
            catch (Exception exception)
            {
                // What is not known starts nothing; the next look, at the latest the sweep's, reads it again.
                _log.LogWarning(exception, "The limits of workflow {Workflow} could not be read", workflowId);
                ReadAgain(workflowId);
            }
        }
    }
}
