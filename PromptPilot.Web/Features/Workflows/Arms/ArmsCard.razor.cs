using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Insights.Arms;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Workflows.Arms;

public sealed partial class ArmsCard(PageServices services, ArmService arms) : PortalComponent(services)
{
    private ArmsReport? _report;
    private int? _shown;
    private string? _asked;

    [Parameter, EditorRequired]
    public string WorkflowId { get; set; } = "";

    /// <summary>The published version. Another version can have other A/B tests.</summary>
    [Parameter]
    public int? Version { get; set; }

    /// <summary>Raised after a version is published.</summary>
    [Parameter]
    public EventCallback OnPublished { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_report is null || _shown != Version)
        {
            _shown = Version;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        var report = await arms.FindAsync(await ActorAsync(), WorkflowId, Left);
        (_report, Problem) = (report.IsOk ? report.Value : _report, report.Problem);
    }

    private Task ToggleAsync() =>
        OnceAsync(async () =>
        {
            var done = await arms.SetStoppedAsync(await ActorAsync(), WorkflowId, !_report!.IsStopped, Left);
            Problem = done.Problem;
            if (done.IsOk)
            {
                await LoadAsync();
            }
        });

    private Task PromoteAsync(StepArmsResult step, ArmResult arm) =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Use {arm.Name} for all runs?",
                    $"{step.Summary} This ends the A/B test of “{step.OutputKey}” and publishes the workflow.",
                    "Use and publish"
                )
            )
            {
                return;
            }

            var published = await arms.PromoteAsync(await ActorAsync(), WorkflowId, step.StepId, arm.Version, arm.Model, Left);
            Problem = published.Problem;
            if (published.IsOk)
            {
                _asked = published.Value.ChangeRequestId;
                await LoadAsync();
                await OnPublished.InvokeAsync();
            }
        });
}
