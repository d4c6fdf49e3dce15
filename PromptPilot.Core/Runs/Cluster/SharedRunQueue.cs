using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>
/// The queue of a host that shares its database with others. Each host pulls: one short transaction at a time, over all hosts, reads the
/// waiting runs, asks <see cref="RunAdmission"/>, and claims those that this host has slots for.
/// </summary>
public sealed class SharedRunQueue(
    IDbContextFactory<PromptPilotDbContext> contexts,
    LiveLimits limits,
    ProfileLimiters limiters,
    HostLease hostLease,
    IOptions<RunsOptions> options,
    TimeProvider time,
    ILogger<SharedRunQueue> log
) : RunQueue
{
    /// <summary>Interval of checks for runs that another host has queued.</summary>
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(500);

    private readonly SharedLease _lease = (SharedLease)hostLease;
    private readonly Every _sweep = new(hostLease.SweepEvery, time);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private QueueRows _left = QueueRows.Empty;
    private int _used;
    private volatile bool _isNudged = true;

    internal override bool MirrorsRows => false;

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

    internal override int Count => Volatile.Read(ref _left).Count;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private int FreeSlots => options.Value.MaxConcurrentRuns - _used;

    /// <summary>
    /// A workflow without a limit does not depend on other hosts: its run is claimed in the commit that creates it, unless another
    /// run was waiting at the last check.
    /// </summary>
    internal override async ValueTask<bool> TryTakeSlotAsync(
        string runId,
        string workflowId,
        string? profileId = null,
        CancellationToken cancellationToken = default
    )
    {
        var limit = (await limits.ForAsync(workflowId, cancellationToken)).MaxConcurrentRuns;
        lock (_lock)
        {
            if (limit is not null || FreeSlots <= 0 || Count > 0 || (profileId is not null && !limiters.HasRoom(profileId)))
            {
                return false;
            }

            TakeSlot(runId);
            return true;
        }
    }

    /// <summary>The row is queued already; this host looks for it at once.</summary>
    internal override bool Add(string runId, string workflowId, RunPriority priority, string? profileId = null, DateTime? queuedAt = null)
    {
        _isNudged = true;
        Changed.Raise();
        return true;
    }

    /// <summary>A concurrent claim makes one of the two writes fail.</summary>
    internal override QueueEntry? Remove(string runId) => null;

    internal override async ValueTask<IReadOnlyList<string>> AdmitAsync()
    {
        var isSweep = _sweep.IsDue() || _isNudged;
        _isNudged = false;
        string[] own;
        int free;
        lock (_lock)
        {
            (own, free) = ([.. _slots.Keys], FreeSlots);
        }

        if (free <= 0 && !isSweep)
        {
            return [];
        }

        var condition = QueueRows.Condition(isSweep, _lease.MayTakeOver);
        await using var db = await contexts.CreateDbContextAsync();
        if (free <= 0 || !await QueueRows.AnyAsync(db, condition, own))
        {
            _left = free > 0 ? QueueRows.Empty : await QueueRows.ReadAsync(db, condition, own, QueueRows.Fewest);
            return [];
        }

        return await ClaimAsync(db, condition, own, free);
    }

    internal override void ReleaseSlot(string runId)
    {
        lock (_lock)
        {
            if (!_slots.TryGetValue(runId, out var count))
            {
                return;
            }

            _used--;
            if (count == 1)
            {
                _slots.Remove(runId);
            }
            else
            {
                _slots[runId] = count - 1;
            }
        }

        if (Count > 0)
        {
            Changed.Raise();
        }
    }

    internal override int? Position(string runId) => Volatile.Read(ref _left).Position(runId, Now);

    internal override DateTime? OpensAt() => FreeSlots > 0 ? Now + CheckEvery : null;

    private async Task<IReadOnlyList<string>> ClaimAsync(PromptPilotDbContext db, string condition, string[] own, int free)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.LockAdmissionAsync();
        var rows = await QueueRows.ReadAsync(db, condition, own, Math.Max(QueueRows.Fewest, 2 * free));
        foreach (var workflowId in rows.Workflows)
        {
            rows.Limit(workflowId, (await limits.ForAsync(workflowId, CancellationToken.None)).MaxConcurrentRuns);
        }

        // Apart from this loop, only new runs of workflows without a limit take slots: slightly fewer may be free than before.
        var admitted = rows.Admit(Math.Min(free, FreeSlots), limiters.Free, Now);
        IReadOnlyList<string> claimed =
            admitted.Count == 0
                ? []
                : await RunClaims.ClaimAsync(
                    db,
                    [.. admitted.Select(run => run.RunId)],
                    condition,
                    _lease.Owner,
                    _lease.Duration.TotalSeconds,
                    CancellationToken.None
                );
        await transaction.CommitAsync();
        lock (_lock)
        {
            foreach (var runId in claimed)
            {
                TakeSlot(runId);
            }
        }

        _left = rows;
        foreach (var runId in claimed.Where(rows.IsLost))
        {
            log.LogWarning("Run {Run} lost its executor and resumes on this host", runId);
        }

        return claimed;
    }

    /// <summary>A run that is started again while it is leaving may hold two slots for a moment.</summary>
    private void TakeSlot(string runId)
    {
        _used++;
        _slots[runId] = _slots.GetValueOrDefault(runId) + 1;
    }
}
