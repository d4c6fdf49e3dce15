using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Experiments.Replacing;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows.Saving;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Workflows;

public sealed partial class ReplaceModelPage(
    PageServices services,
    ModelProfileService profiles,
    ModelReplacementService replacement,
    ModelComparisonService comparison,
    ChangeRequestService changes
) : PortalPage(services)
{
    private readonly Dictionary<string, string> _results = [];
    private string _chosen = "";
    private int _inputs = 10;
    private IReadOnlyList<MovedWorkflow>? _moved;
    private IReadOnlyList<ModelComparison>? _comparisons;
    private (string Chosen, int Inputs)? _compared;

    private ModelProfileView? _view;
    private IReadOnlyList<ModelProfileName> _others = [];

    /// <summary>The profile to move away from.</summary>
    [Parameter]
    public string ProfileId { get; set; } = "";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        var found = await profiles.FindAsync(actor, ProfileId, Left);
        (_view, Problem) = (found.IsOk ? found.Value : null, found.Problem);
        var names = await profiles.ListNamesAsync(actor, Left);
        _others = names.IsOk ? [.. names.Value.Where(other => other.Enabled && other.Id != ProfileId)] : [];
    }

    private static string Summary(IReadOnlyList<MovedWorkflow> moved) =>
        $"Moved {Format.Count(moved.Sum(one => one.Steps), "step")} in {Format.Count(moved.Count, "workflow")}.";

    /// <summary>True once all experiments of this choice have started: a second click would start, and pay for, them again.</summary>
    private bool IsCompared => _compared == (_chosen, _inputs) && _comparisons is { Count: > 0 } all && all.All(one => one.Problem is null);

    private Task CompareAsync() =>
        OnceAsync(async () =>
        {
            if (IsCompared)
            {
                return;
            }

            var asked = (_chosen, _inputs);
            var result = await comparison.StartAsync(await ActorAsync(), ProfileId, asked._chosen, asked._inputs, Left);
            Problem = result.Problem;
            (_comparisons, _compared) = (result.IsOk ? result.Value : null, asked);
        });

    private Task MoveAsync() =>
        OnceAsync(async () =>
        {
            var name = _others.First(other => other.Id == _chosen).Name;
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Move all steps to “{name}”?",
                    "The draft of each workflow that uses this profile is changed. Nothing is published yet.",
                    "Move steps"
                )
            )
            {
                return;
            }

            var result = await replacement.MoveAsync(await ActorAsync(), ProfileId, _chosen, Left);
            Problem = result.Problem;
            _moved = result.IsOk ? result.Value : null;
        });

    /// <summary>A protected workflow gets a change request instead. If one cannot be published, the reason is shown.</summary>
    private Task PublishAsync() =>
        OnceAsync(async () =>
        {
            var actor = await ActorAsync();
            foreach (var one in _moved!.Where(one => one.NeedsPublishing && !_results.ContainsKey(one.WorkflowId)))
            {
                var result = await changes.PublishAsync(actor, one.WorkflowId, one.Revision, "Moved to another model profile", Left);
                _results[one.WorkflowId] =
                    !result.IsOk ? result.Problem.Message
                    : result.Value.ChangeRequestId is null ? "published"
                    : "waiting for approval";
            }
        });

    private string Words(MovedWorkflow one) =>
        _results.GetValueOrDefault(one.WorkflowId) ?? (one.NeedsPublishing ? "not published yet" : "draft changed");
}
