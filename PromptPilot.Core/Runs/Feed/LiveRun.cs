using System.Collections.Concurrent;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>
/// A run in memory while it is executed or watched: the newest committed state, and the texts that are arriving.
/// </summary>
internal sealed class LiveRun(string runId)
{
    private readonly ConcurrentDictionary<AttemptKey, LiveText> _texts = [];
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunState? _state;

    public string RunId { get; } = runId;

    public ChangeSignal Changed { get; } = new();

    /// <summary>Completes when a finished fold is published.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Number of holders that keep it in memory; guarded by the feed.</summary>
    public int Holders { get; set; }

    public RunState? State => Volatile.Read(ref _state);

    /// <summary>Shows a committed fold. An older one than is shown is ignored.</summary>
    public void Publish(RunState state)
    {
        lock (_lock)
        {
            if (_state is not null && _state.LastSeq >= state.LastSeq)
            {
                return;
            }

            Volatile.Write(ref _state, state);
        }

        if (state.IsFinished)
        {
            _ended.TrySetResult();
        }

        Changed.Raise();
    }

    /// <summary>Starts the text of an attempt.</summary>
    public LiveText Open(AttemptKey key) => _texts.GetOrAdd(key, _ => new LiveText());

    /// <summary>The texts of all attempts since the run was loaded into memory.</summary>
    public IEnumerable<KeyValuePair<AttemptKey, LiveText>> Texts => _texts;

    public LiveText? TextOf(AttemptKey key) => _texts.GetValueOrDefault(key);
}
