using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Data;

/// <summary>Opens once the database is migrated. Workers wait for it before their first query; readiness reports it.</summary>
/// <param name="duties">The background work of this host, for which workers ask once the gate is open.</param>
public sealed class ReadyGate(Duties duties)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Duties Duties => duties;

    public bool IsOpen => _opened.Task.IsCompletedSuccessfully;

    public void Open() => _opened.TrySetResult();

    public Task WaitAsync(CancellationToken cancellationToken) => _opened.Task.WaitAsync(cancellationToken);
}
