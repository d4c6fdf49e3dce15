using System.Collections.Concurrent;
using PromptPilot.Core.Models;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A model that answers as the test says; by default with the prompt in brackets. Counts calls by prompt.</summary>
internal sealed class ScriptedModel : IModelGateway
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = [];
    private readonly ConcurrentDictionary<string, ModelFault> _faults = [];
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ModelFault>> _faultsOnce = [];
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _answers = [];
    private int _atOnce;
    private int _mostAtOnce;

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

    /// <summary>The next calls of a step fail so, one each; then it answers again.</summary>
    public ScriptedModel FaultOnce(string key, params ModelFault[] faults)
    {
        var queue = _faultsOnce.GetOrAdd(key, _ => []);
        foreach (var fault in faults)
        {
            queue.Enqueue(fault);
        }

        return this;
    }

    public ScriptedModel FaultOnce(string key, params ErrorCode[] codes) =>
        FaultOnce(key, [.. codes.Select(code => new ModelFault(code, $"{code} as the test wished."))]);

    /// <summary>The next calls of a step answer so, one each, then as usual.</summary>
    public ScriptedModel Say(string key, params string[] answers)
    {
        var queue = _answers.GetOrAdd(key, _ => []);
        foreach (var answer in answers)
        {
            queue.Enqueue(answer);
        }

        return this;
    }

    /// <summary>Fails the calls whose prompt fits, always.</summary>
    public Func<ModelRequest, ModelFault?>? FaultFor { get; set; }

    public ConcurrentQueue<ModelRequest> Requests { get; } = [];

    public int MostAtOnce => _mostAtOnce;

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
        var atOnce = Interlocked.Increment(ref _atOnce);
        InterlockedMax(ref _mostAtOnce, atOnce);
        try
        {
            return await AnswerAsync(request, onText, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private async Task<ModelReply> AnswerAsync(ModelRequest request, Action<string> onText, CancellationToken cancellationToken)
    {
        var key = request.FunctionName;
        Requests.Enqueue(request);
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

        if (
            _faults.TryGetValue(key, out var fault)
            || (_faultsOnce.TryGetValue(key, out var once) && once.TryDequeue(out fault))
            || (fault = FaultFor?.Invoke(request)) is not null
        )
        {
            return new ModelReply($"[{request.Prompt}", "fake-1", 3, 1, 10, false, TimeSpan.FromMilliseconds(1), fault);
        }

        if (_answers.TryGetValue(key, out var answers) && answers.TryDequeue(out var said))
        {
            return new ModelReply(said, "fake-1", 3, 2, 15, false, TimeSpan.FromMilliseconds(1), null);
        }

        if (Answer is not null)
        {
            return new ModelReply(Answer, "fake-1", 3, 2, 15, false, TimeSpan.FromMilliseconds(1), null);
        }

        onText("]");
        return new ModelReply($"[{request.Prompt}]", "fake-1", 3, 2, 15, false, TimeSpan.FromMilliseconds(1), null);
    }

    private TaskCompletionSource Signal(string key) =>
        _reached.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
