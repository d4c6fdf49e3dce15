using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// The waiting runs, and the slots of this host. One implementation is for the only host, the other for hosts that share a database.
/// </summary>
public abstract class RunQueue
{
    /// <summary>Signals that a waiting run may be able to start: it was queued, or a slot was released.</summary>
    internal ChangeSignal Changed { get; } = new();

    /// <summary>True: it knows only the runs that were added to it. False: it reads the rows itself.</summary>
    internal abstract bool MirrorsRows { get; }

    /// <summary>Number of slots in use.</summary>
    internal abstract int Used { get; }

    /// <summary>Number of waiting runs, as far as this host knows.</summary>
    internal abstract int Count { get; }

    /// <summary>Takes a slot for a new run, if it may start and no waiting run that may start needs the slot.</summary>
    /// <param name="profileId">The profile that its first call needs; null when that is not clear.</param>
    internal abstract ValueTask<bool> TryTakeSlotAsync(
        string runId,
        string workflowId,
        string? profileId = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>Queues a run.</summary>
    /// <param name="profileId">The profile that its next call needs; null when that is not clear.</param>
    /// <param name="queuedAt">Start of its waiting time (UTC); null: now.</param>
    /// <returns>False when it is queued already.</returns>
    internal abstract bool Add(string runId, string workflowId, RunPriority priority, string? profileId = null, DateTime? queuedAt = null);

    /// <summary>Takes a run out of the queue.</summary>
    /// <returns>Null when it is not waiting, e.g. it has just been admitted, or when its row alone decides.</returns>
    internal abstract QueueEntry? Remove(string runId);

    /// <summary>Takes the runs that may start now, each with a slot.</summary>
    internal abstract ValueTask<IReadOnlyList<string>> AdmitAsync();

    /// <summary>Releases a run's slot when it has ended or parked.</summary>
    internal abstract void ReleaseSlot(string runId);

    /// <summary>A run's position, from 1; null when it is not queued. An estimate: see <see cref="RunAdmission.Position"/>.</summary>
    internal abstract int? Position(string runId);

    /// <summary>The time of the next check of waiting runs (UTC); null when none depends on time.</summary>
    internal abstract DateTime? OpensAt();
}
