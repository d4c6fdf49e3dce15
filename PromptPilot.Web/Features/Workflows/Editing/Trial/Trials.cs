using System.Net;
using System.Text.RegularExpressions;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing.Trial;

/// <summary>The result of the last test run of a step.</summary>
/// <param name="Run">The current state of its test run.</param>
public sealed record StepTrial(RunState Run, StepCardModel Step)
{
    public bool LooksLike(StepTrial? other) =>
        other is not null && Run.Id == other.Run.Id && Run.IsFinished == other.Run.IsFinished && Step.LooksLike(other.Step);
}

/// <summary>
/// The tries of a draft while it is edited: which run continues, and beside each step what it came to, whatever is moved or renamed
/// meanwhile. Nothing of a renderer.
/// </summary>
public sealed partial class Trials
{
    private readonly Dictionary<string, StepTrial> _steps = [];
    private readonly Dictionary<string, FlowState> _states = [];
    private Dictionary<string, string> _keys = [];

    /// <summary>Raised when something that is shown has changed, on the thread of the one who shows it.</summary>
    public event Action? Changed;

    /// <summary>The current state of the newest test run; null before it is first read.</summary>
    public RunPageModel? Current { get; private set; }

    public string? CurrentRunId { get; private set; }

    /// <summary>Key of the step that was tried alone.</summary>
    public string? OnlyStep { get; private set; }

    public bool IsLive => CurrentRunId is not null && Current is not { Run.IsFinished: true };

    /// <summary>Another number when other steps have something to show.</summary>
    public int Generation { get; private set; }

    /// <summary>status of the steps, for the drawing; null while nothing was tried.</summary>
    public IReadOnlyDictionary<string, FlowState>? States { get; private set; }

    public bool Has(string stepKey) => _steps.ContainsKey(stepKey);

    public StepTrial? Of(string stepKey) => _steps.GetValueOrDefault(stepKey);

    /// <summary>The beginning of what a step wrote, as plain text; empty where there is nothing.</summary>
    /// <param name="most">Characters.</param>
    public string FirstWords(string stepKey, int most)
    {
        if (Of(stepKey)?.Step.Outputs is not [var output, ..])
        {
            return "";
        }

        // While it is written only its rendered blocks are at hand.
        var text =
            output.Attempt.ErrorMessage is { } error ? error
            : output.Attempt.Text != "" ? output.Attempt.Text
            : WebUtility.HtmlDecode(Tags().Replace(string.Concat(output.Text.Closed.Take(2).Append(output.Text.Open)), " "));
        return MarkdownExcerpt.Of(text, most);
    }

    /// <summary>
    /// A run was started. What steps showed before goes; of a step that is tried alone only its own, and what is still under way in another
    /// run, since that one is no longer followed.
    /// </summary>
    /// <param name="steps">The draft's steps as they were sent.</param>
    /// <param name="onlyStep">Key of the only step that is tried.</param>
    public void Begin(string runId, IReadOnlyList<StepDraft> steps, string? onlyStep)
    {
        (CurrentRunId, OnlyStep, Current) = (runId, onlyStep, null);
        _keys = steps.Where(step => onlyStep is null || step.Key == onlyStep).ToDictionary(step => step.OutputKey.Trim(), step => step.Key);
        foreach (
            var key in _steps
                .Where(pair => onlyStep is null || pair.Key == onlyStep || !pair.Value.Run.IsFinished)
                .Select(pair => pair.Key)
                .ToList()
        )
        {
            _steps.Remove(key);
            _states.Remove(key);
        }

        NotifyWatchers(isOther: true);
    }

    /// <summary>Shows the current state. Late updates of an older run are ignored.</summary>
    public void Show(RunPageModel model)
    {
        if (model.Run.Id != CurrentRunId)
        {
            return;
        }

        Current = model;
        var isOther = false;
        var states = RunFlowModel.StatesOf(model.Run, model.At);
        foreach (var step in model.Steps)
        {
            if (_keys.TryGetValue(step.Step.OutputKey, out var key))
            {
                isOther |= !_steps.ContainsKey(key);
                _steps[key] = new StepTrial(model.Run, step);
                _states[key] = states[step.Step.StepId];
            }
        }

        NotifyWatchers(isOther);
    }

    /// <summary>Takes everything off the steps; the runs stay in the list of runs.</summary>
    public void Clear()
    {
        (CurrentRunId, OnlyStep, Current) = (null, null, null);
        _steps.Clear();
        _states.Clear();
        NotifyWatchers(isOther: true);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    private void NotifyWatchers(bool isOther)
    {
        Generation += isOther ? 1 : 0;
        States = _states.Count == 0 ? null : new Dictionary<string, FlowState>(_states);
        Changed?.Invoke();
    }
}
