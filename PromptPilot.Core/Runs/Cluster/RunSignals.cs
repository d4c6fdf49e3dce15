using PromptPilot.Core.Runs.Execution;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>The outcome of a request to a run that another host executes.</summary>
internal enum SignalOutcome
{
    /// <summary>No other host executes the run: the sender writes.</summary>
    NotElsewhere,

    /// <summary>The other host has committed it.</summary>
    Committed,

    /// <summary>It no longer applies to the run, or the run has left its host: the sender reads the run again.</summary>
    LookAgain,
}

/// <summary>Carries requests to the host that executes a run.</summary>
public abstract class RunSignals
{
    /// <summary>Sends a request, and waits until it is committed or cannot be.</summary>
    internal abstract Task<SignalOutcome> SendAsync(string runId, RunMessage.Request request, CancellationToken cancellationToken);
}

/// <summary>For a single host: there is no other to send to.</summary>
public sealed class NoSignals : RunSignals
{
    internal override Task<SignalOutcome> SendAsync(string runId, RunMessage.Request request, CancellationToken cancellationToken) =>
        Task.FromResult(SignalOutcome.NotElsewhere);
}
