using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Ends a run's attempts in flight and keeps the reason; the first one wins.</summary>
internal sealed class AttemptStop : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private ModelFault? _reason;

    public CancellationToken Token => _source.Token;

    /// <summary>The reason; null while nothing was ended.</summary>
    public ModelFault? Reason => Volatile.Read(ref _reason);

    public void Cancelled() => End(new ModelFault(ErrorCode.Cancelled, "The run was cancelled while this attempt was running."));

    public void Interrupted() =>
        End(new ModelFault(ErrorCode.Interrupted, "PromptPilot stopped during this attempt. The step is retried after the restart."));

    public void RunTimedOut() => End(new ModelFault(ErrorCode.Timeout, "The run's timeout was reached during this attempt."));

    public void Dispose() => _source.Dispose();

    private void End(ModelFault reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has ended: there is nothing left to end.
        }
    }
}
