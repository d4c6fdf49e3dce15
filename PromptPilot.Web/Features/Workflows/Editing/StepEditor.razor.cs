using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

public sealed partial class StepEditor
{
    /// <summary>The most characters of a variable's name that fit beside its field.</summary>
    private const int LongestBeside = 12;

    /// <summary>What the step ran for each of before the last change.</summary>
    private string _list = "";

    [Parameter, EditorRequired]
    public required WorkflowDraft Draft { get; set; }

    [Parameter, EditorRequired]
    public required StepDraft Step { get; set; }

    [Parameter, EditorRequired]
    public int Index { get; set; }

    [Parameter, EditorRequired]
    public required ModelChoices Models { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkflowProblem> Problems { get; set; }

    /// <summary>Samples for what is mapped.</summary>
    [Parameter]
    public LastRunValues LastRun { get; set; } = LastRunValues.None;

    /// <summary>Raised for what is done with the step as a whole.</summary>
    [Parameter]
    public EventCallback<CardAct> OnAct { get; set; }

    /// <summary>Raised after each change of the draft.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private string Pin =>
        Step switch
        {
            { Version: { } version } => $"version {version}",
            { Label: { } label } => $"label {label}",
            _ => "",
        };

    /// <summary>What a variable can read: what comes before, and what can be put before.</summary>
    private IReadOnlyList<ReadableKey> Keys =>
        [
            .. Draft.KeysAt(Step, LastRun),
            .. new ConnectionRules(Draft)
                .ReadableLater(Step)
                .Select(other => new ReadableKey(other.OutputKey, other.Prompt.Name, LastRun.Of(other.OutputKey))),
        ];

    private StepFigures? Figures => Draft.IdOf(Step) is { } id ? LastRun.Figures.GetValueOrDefault(id) : null;

    private string? OutputSample => Step.OutputKey == "" ? null : LastRun.Of(Step.OutputKey);

    private string? Price =>
        Models.Models.FirstOrDefault(m => m.Id == Step.Model) is { } model && (model.InputPrice > 0 || model.OutputPrice > 0)
            ? $"{Format.Money(model.InputPrice)} in, {Format.Money(model.OutputPrice)} out per 1M tokens"
            : null;

    private string? VersionProblem => Problems.At($"steps[{Index}].promptVersion", $"steps[{Index}].promptLabel");

    private string? At(string part) => Problems.At($"steps[{Index}].{part}");

    private string? SkipHint(string expression) =>
        Draft.SkippedWith(Step, expression) is { Count: > 0 } numbers
            ? $"Skipped when step {string.Join(" or ", numbers)} is skipped, unless it ends in | default: '…'."
            : null;

    private static string Estimate(StepFigures figures)
    {
        var cost = figures.Cost == 0 ? "" : $" · ≈ {Format.Money(figures.Cost)}";
        return $"≈ {Format.Duration(figures.Milliseconds)}{cost} per run, {RunEstimate.SourceOf(figures.Runs)}";
    }

    protected override void OnParametersSet() => _list = Step.Options.ForEach;

    private Task OptionsChangedAsync()
    {
        Step.ReadItems(listBefore: _list);
        return OnChanged.InvokeAsync();
    }

    private Task PinAsync(string? pin) =>
        ChangeAsync(() =>
        {
            switch ((pin ?? "").Split(' ', 2))
            {
                case ["label", var label]:
                    Step.FollowLabel(label);
                    break;
                case ["version", var version]:
                    Step.PinVersion(version);
                    break;
                default:
                    Step.FollowLatest();
                    break;
            }

            Step.AutoMap([.. Draft.KeysAt(Step).Select(key => key.Name)]);
        });

    private Task ChangeAsync(Action change)
    {
        change();
        return OnChanged.InvokeAsync();
    }

    private string PinWords(string? pin) =>
        (pin ?? "").Split(' ', 2) switch
        {
            ["label", var label] => $"{label} → {Step.Prompt.Labels.FirstOrDefault(l => l.Name == label)?.Version ?? "unknown"}",
            ["version", var version] => version,
            _ => Step.Prompt.Versions.Count > 0 ? $"latest → {Step.Prompt.Versions[0].Version}" : "latest",
        };

    private string ModelWords(string? id) =>
        Models.Models.FirstOrDefault(m => m.Id == id) is { } model
            ? model.Enabled
                ? $"{model.Name} · {model.Model}{(model.MayUse ? null : " (not for your role)")}"
                : $"{model.Name} (disabled)"
            : "";
}
