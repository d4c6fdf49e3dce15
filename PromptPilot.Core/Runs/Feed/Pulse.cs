namespace PromptPilot.Core.Runs.Feed;

/// <summary>
/// Tells any number of waiters that something changed. A beat without waiters is an increment; beats between two looks of a waiter count as
/// one.
/// </summary>
internal sealed class Pulse
{
    private readonly Lock _lock = new();
    private long _count;
    private TaskCompletionSource? _waiting;

    public long Count => Volatile.Read(ref _count);

    public void Beat()
    {
        Interlocked.Increment(ref _count);
        if (Volatile.Read(ref _waiting) is null)
        {
            return;
        }

        TaskCompletionSource? waiting;
        lock (_lock)
        {
            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetResult();
    }

    /// <summary>Completes as soon as the count differs from <paramref name="seen"/>.</summary>
    public Task WaitAsync(long seen, CancellationToken cancellationToken)
    {
        Task task;
        lock (_lock)
        {
            // Publish the waiter before looking at the count: a beat in between either sees the waiter or is seen by us.
            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            task = _waiting.Task;
        }

        Interlocked.MemoryBarrier();
        return Count != seen ? Task.CompletedTask : task.WaitAsync(cancellationToken);
    }
}
