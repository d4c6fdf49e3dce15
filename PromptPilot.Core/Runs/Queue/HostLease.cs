using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>Identifies this host among those that execute runs, and keeps its claims. New at each start.</summary>
public sealed class HostLease(RunJournal journal, TimeProvider time)
{
    /// <summary>Lifetime of a claim without renewal.</summary>
    internal static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    /// <summary>Interval at which claims are renewed.</summary>
    internal static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    internal string Owner { get; } = $"{Environment.MachineName}/{Ids.New()}";

    /// <summary>Expiry of a claim made now.</summary>
    internal DateTime Until() => time.GetUtcNow().UtcDateTime + Duration;

    /// <summary>Extends the claims of this host's runs.</summary>
    internal Task RenewAsync(CancellationToken cancellationToken) => journal.RenewLeasesAsync(Owner, Until(), cancellationToken);
}
