using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Runs.Journal;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>The right of this host to execute the runs that it has claimed.</summary>
public abstract class HostLease(HostIdentity identity)
{
    internal string Owner => identity.Id;

    /// <summary>Interval at which claims are renewed.</summary>
    internal abstract TimeSpan RenewEvery { get; }

    /// <summary>Interval at which lost runs are looked for.</summary>
    internal abstract TimeSpan SweepEvery { get; }

    /// <summary>Expiry of a claim made now (UTC).</summary>
    internal abstract DateTime Until();

    /// <summary>Prepares the first claim, before the host accepts requests.</summary>
    internal abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Extends the claims of this host.</summary>
    /// <param name="runIds">The runs that it executes.</param>
    internal abstract Task RenewAsync(IReadOnlyCollection<string> runIds, CancellationToken cancellationToken);
}

/// <summary>The lease of the only host, by its own clock.</summary>
public sealed class LocalLease(RunJournal journal, HostIdentity identity, TimeProvider time) : HostLease(identity)
{
    /// <summary>Lifetime of a claim without renewal.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    internal override TimeSpan RenewEvery => TimeSpan.FromSeconds(10);

    internal override TimeSpan SweepEvery => TimeSpan.FromSeconds(5);

    internal override DateTime Until() => time.GetUtcNow().UtcDateTime + Duration;

    internal override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal override Task RenewAsync(IReadOnlyCollection<string> runIds, CancellationToken cancellationToken) =>
        runIds.Count == 0 ? Task.CompletedTask : journal.RenewLeasesAsync(Owner, Until(), cancellationToken);
}
