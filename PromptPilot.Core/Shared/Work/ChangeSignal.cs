namespace PromptPilot.Core.Shared.Work;

/// <summary>
/// Signals a change to any number of waiters. Without waiters it is an increment; several changes between two waits of a waiter are seen
/// as one.
/// </summary>
internal sealed class ChangeSignal
{
    private readonly Lock _lock = new();
    private long _count;
    private TaskCompletionSource? _waiting;

    public long Count => Volatile.Read(ref _count);

    public void Raise()
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
            // Publish the waiter before looking at the count: a change in between either sees the waiter or is seen by us.
            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            task = _waiting.Task;
        }

        Interlocked.MemoryBarrier();
        return Count != seen ? Task.CompletedTask : task.WaitAsync(cancellationToken);
    }
}
