using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Steps;

public sealed partial class StepOutput(PageServices services, RunService runs) : PortalComponent(services)
{
    private const int FoldAbove = 1200;

    private bool _unfolded;
    private string? _promptOf;
    private string? _inputOf;
    private RenderedPrompt? _prompt;
    private Problem? _promptProblem;

    [Parameter, EditorRequired]
    public StepState Step { get; set; } = default!;

    [Parameter, EditorRequired]
    public StepOutputModel Output { get; set; } = default!;

    /// <summary>It only led to the results: long texts are folded.</summary>
    [Parameter]
    public bool IsWay { get; set; }

    /// <summary>The actions from here, besides rating.</summary>
    [Parameter]
    public RenderFragment? Actions { get; set; }

    private bool CanFold => IsWay && Output.Attempt.Status == ExecutionStatus.Success && Output.Text.Length > FoldAbove;

    private bool IsFolded => CanFold && !_unfolded;

    private string? FirstToken => Output.Attempt is { IsOpen: false, FirstTokenMs: { } first } ? Format.Duration(first) : null;

    private bool IsJson =>
        Step.Options.OutputFormat == PromptPilot.Core.Workflows.OutputFormat.Json && Output.Attempt.Status == ExecutionStatus.Success;

    private async Task TogglePromptAsync(string logId)
    {
        if (_promptOf == logId)
        {
            _promptOf = null;
            return;
        }

        (_promptOf, _prompt, _promptProblem) = (logId, null, null);
        var result = await runs.RenderPromptAsync(await ActorAsync(), logId, Left);
        (_prompt, _promptProblem) = (result.IsOk ? result.Value : null, result.Problem);
    }
}
