using System.Text.Json;
using System.Threading.Channels;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>A message to an executing run.</summary>
internal abstract record RunMessage
{
    /// <summary>An attempt has ended.</summary>
    public sealed record Ended(AttemptResult Result) : RunMessage;

    /// <summary>An attempt threw, and will never report its end: without this the run would wait for it forever.</summary>
    public sealed record Broken(Exception Exception) : RunMessage;

    /// <summary>A request from outside. Its sender waits until it is committed.</summary>
    public abstract record Request : RunMessage
    {
        private readonly TaskCompletionSource<bool> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Id of the row with which another host sent it; null if it was sent on this host.</summary>
        public long? SignalId { get; init; }

        /// <summary>True when it no longer applies to the run. Set before it is completed.</summary>
        public bool IsLate { get; set; }

        /// <summary>True: it is committed. False: the run left this executor first, and the sender has to try again.</summary>
        public Task<bool> Committed => _committed.Task;

        public void Complete(bool isCommitted) => _committed.TrySetResult(isCommitted);
    }

    public sealed record Cancel(string? By) : Request;

    public sealed record Answer(string StepId, ReviewVerdict Verdict, JsonElement? Output, string? Reason, string? By) : Request;

    public sealed record Pin(bool IsPinned, string? By) : Request;

    /// <summary>Check again, because the host is stopping.</summary>
    public sealed record LookAgain : RunMessage;
}

/// <summary>The outcome of an attempt.</summary>
/// <param name="RetryAfter">The delay the provider asked for, if any.</param>
/// <param name="Reservation">The reservation to settle with the log's commit; null when no call was made.</param>
internal sealed record AttemptResult(ExecutionLog Log, TimeSpan? RetryAfter, BudgetReservation? Reservation = null)
{
    /// <summary>False: it was refused before anything was sent to the provider.</summary>
    public bool WasCalled { get; init; } = true;
}

/// <summary>
/// The messages to an executing run. Closed when the run leaves its executor; requests that were not read by then are answered with false.
/// </summary>
internal sealed class RunMailbox
{
    private readonly Channel<RunMessage> _channel = Channel.CreateUnbounded<RunMessage>();

    /// <returns>False when the run has left its executor.</returns>
    public bool TryPost(RunMessage message) => _channel.Writer.TryWrite(message);

    public bool TryRead(out RunMessage? message) => _channel.Reader.TryRead(out message);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _channel.Reader.WaitToReadAsync(cancellationToken);

    public void Close()
    {
        _channel.Writer.TryComplete();
        while (_channel.Reader.TryRead(out var message))
        {
            (message as RunMessage.Request)?.Complete(isCommitted: false);
            (message as RunMessage.Ended)?.Result.Reservation?.Dispose();
        }
    }
}
