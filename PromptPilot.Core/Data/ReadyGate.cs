namespace PromptPilot.Core.Data;

/// <summary>Opens once the database is migrated. Workers wait for it before their first query; readiness reports it.</summary>
public sealed class ReadyGate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _opened.Task.IsCompletedSuccessfully;

    public void Open() => _opened.TrySetResult();

    public Task WaitAsync(CancellationToken cancellationToken) => _opened.Task.WaitAsync(cancellationToken);
}
