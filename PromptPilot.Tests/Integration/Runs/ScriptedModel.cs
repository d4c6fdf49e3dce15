using System.Collections.Concurrent;
using PromptPilot.Core.Models;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A model that answers as the test says; by default with the prompt in brackets. Counts calls by prompt.</summary>
internal sealed class ScriptedModel : IModelGateway
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = [];
    private readonly ConcurrentDictionary<string, ModelFault> _faults = [];

    /// <summary>Answered instead of the prompt in brackets.</summary>
    public string? Answer { get; init; }

    /// <summary>Step keys in the order they were called.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public int Aborted;

    /// <summary>Holds calls of a step, after its first token, until <see cref="Release"/>.</summary>
    public ScriptedModel Hold(string key)
    {
        _gates[key] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return this;
    }

    public ScriptedModel Fault(string key, ErrorCode code)
    {
        _faults[key] = new ModelFault(code, $"{code} as the test wished.");
        return this;
    }

    public void Release(string key)
    {
        if (_gates.TryRemove(key, out var gate))
        {
            gate.SetResult();
        }
    }

    /// <summary>Completes when a call of the step has sent its first token.</summary>
    public Task Reached(string key) => Signal(key).Task.WaitAsync(EngineHost.Limit);

    public async Task<ModelReply> CallAsync(ModelRequest request, Action<string> onText, CancellationToken cancellationToken)
    {
        var key = request.FunctionName;
        Calls.Enqueue(key);
        onText($"[{request.Prompt}");
        Signal(key).TrySetResult();
        if (_gates.TryGetValue(key, out var gate))
        {
            try
            {
                await gate.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref Aborted);
                throw;
            }
        }

        if (_faults.TryGetValue(key, out var fault))
        {
            return new ModelReply($"[{request.Prompt}", "fake-1", 3, 1, 10, false, TimeSpan.FromMilliseconds(1), fault);
        }

        if (Answer is not null)
        {
            return new ModelReply(Answer, "fake-1", 3, 2, 15, false, TimeSpan.FromMilliseconds(1), null);
        }

        onText("]");
        return new ModelReply($"[{request.Prompt}]", "fake-1", 3, 2, 15, false, TimeSpan.FromMilliseconds(1), null);
    }

    private TaskCompletionSource Signal(string key) => _reached.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
