namespace PromptPilot.Web.Components.Controls;

/// <summary>Shows what changed for as long as a component is on the page, at most once a second.</summary>
internal sealed class Following : IAsyncDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public Following() => Left = _stop.Token;

    /// <summary>Ends with the component.</summary>
    public CancellationToken Left { get; }

    /// <param name="next">Completes when something has changed.</param>
    /// <param name="show">Loads and renders, on the component's own context.</param>
    public void Start(Func<CancellationToken, Task> next, Func<Task> show, TimeProvider time) => _loop = LoopAsync(next, show, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync(Func<CancellationToken, Task> next, Func<Task> show, TimeProvider time)
    {
        try
        {
            while (true)
            {
                await next(Left);
                await show();
                await Task.Delay(Rest, time, Left);
            }
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The viewer has left.
        }
    }
}
