using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// The queue of the only host: a mirror of the queued rows in memory, loaded from them at start. Limits of workflows are those that
/// <see cref="LiveLimits"/> has; a changed one applies from the next check.
/// </summary>
public sealed class MemoryRunQueue : RunQueue
{
    private readonly Lock _lock = new();
    private readonly QueueEntries _entries = new();
    private readonly Dictionary<string, QueueEntry> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string WorkflowId, int Count)> _slots = new(StringComparer.Ordinal);

    /// <summary>Queued workflows whose limit has to be read (again). One whose limit was never read starts nothing.</summary>
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    private readonly IOptions<RunsOptions> _options;
    private readonly LiveLimits _limits;
    private readonly ProfileLimiters _limiters;
    private readonly TimeProvider _time;
    private readonly ILogger<MemoryRunQueue> _log;
    private int _used;
    private long _sequence;

    public MemoryRunQueue(
        IOptions<RunsOptions> options,
        LiveLimits limits,
        ProfileLimiters limiters,
        TimeProvider time,
        ILogger<MemoryRunQueue> log
    )
    {
        _options = options;
        _limits = limits;
        _limiters = limiters;
        _time = time;
        _log = log;
        limits.Changed += ReadAgain;
    }

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    private int FreeSlots => _options.Value.MaxConcurrentRuns - _used;

    internal override bool MirrorsRows => true;

    /// <inheritdoc/>
    internal override int Used
    {
        get
        {
            lock (_lock)
            {
                return _used;
            }
        }
    }

    /// <inheritdoc/>
    internal override int Count
    {
        get
        {
            lock (_lock)
            {
                return _byId.Count;
            }
        }
    }

    /// <inheritdoc/>
    internal override async ValueTask<bool> TryTakeSlotAsync(
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
                || _entries.RunningOf(workflowId) >= (limit ?? int.MaxValue)
                || (profileId is not null && !_limiters.HasRoom(profileId))
                || (_entries.Count > 0 && RunAdmission.Next(_entries, _limiters.HasRoom, Now) is not null)
            )
            {
                return false;
            }

            _entries.Start(workflowId);
            _entries.Limit(workflowId, limit);
            TakeSlot(runId, workflowId);
            return true;
        }
    }

    /// <inheritdoc/>
    internal override bool Add(string runId, string workflowId, RunPriority priority, string? profileId = null, DateTime? queuedAt = null)
    {
        lock (_lock)
        {
            var run = new QueueEntry(runId, workflowId, priority, ++_sequence, queuedAt ?? Now, profileId);
            if (!_byId.TryAdd(runId, run))
            {
                return false;
            }

            var isNew = !_entries.Knows(workflowId);
            _entries.Add(run);
            if (isNew)
            {
                _entries.Limit(workflowId, 0);
            }

            _unread.Add(workflowId);
        }

        Changed.Raise();
        return true;
    }

    /// <inheritdoc/>
    internal override QueueEntry? Remove(string runId)
    {
        lock (_lock)
        {
            if (_byId.Remove(runId, out var run))
            {
                _entries.Remove(run);
            }

            return run;
        }
    }

    /// <inheritdoc/>
    internal override async ValueTask<IReadOnlyList<string>> AdmitAsync()
    {
        if (Count == 0)
        {
            return [];
        }

        await ReadLimitsAsync();
        lock (_lock)
        {
            var admitted = RunAdmission.Admit(_entries, FreeSlots, _limiters.Free, Now);
            foreach (var run in admitted)
            {
                _byId.Remove(run.RunId);
                TakeSlot(run.RunId, run.WorkflowId);
            }

            return [.. admitted.Select(run => run.RunId)];
        }
    }

    /// <inheritdoc/>
    internal override void ReleaseSlot(string runId)
    {
        bool isWanted;
        lock (_lock)
        {
            if (!_slots.TryGetValue(runId, out var slot))
            {
                return;
            }

            _used--;
            _entries.End(slot.WorkflowId);
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
            Changed.Raise();
        }
    }

    /// <inheritdoc/>
    internal override int? Position(string runId)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(runId, out var run) ? RunAdmission.Position(_entries, run, Now) : null;
        }
    }

    /// <inheritdoc/>
    internal override DateTime? OpensAt()
    {
        string[] profiles;
        lock (_lock)
        {
            profiles = [.. _entries.Profiles];
        }

        return profiles.Select(_limiters.OpensAt).Min();
    }

    /// <summary>A run that is started again while it is leaving may hold two slots for a moment.</summary>
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
                    _entries.Limit(workflowId, limit);
                }
            }
            catch (Exception exception)
            {
                // Without its limit a workflow starts nothing; the next check, the sweep's at the latest, reads it again.
                _log.LogWarning(exception, "The limits of workflow {Workflow} could not be read", workflowId);
                ReadAgain(workflowId);
            }
        }
    }
}
