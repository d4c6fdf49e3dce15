using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Who this host is, among those that execute runs. New at each start.</summary>
public sealed class HostLease(TimeProvider time)
{
    /// <summary>How long a claim lasts without renewal.</summary>
    internal static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    /// <summary>How often it is renewed.</summary>
    internal static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    internal string Owner { get; } = $"{Environment.MachineName}/{Ids.New()}";

    /// <summary>Until when a claim made now lasts.</summary>
    internal DateTime Until() => time.GetUtcNow().UtcDateTime + Duration;
}
