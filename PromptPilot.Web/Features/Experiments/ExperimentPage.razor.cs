using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments;

/// <summary>An experiment as it runs, and its results. Filter and open case are in the address.</summary>
public sealed partial class ExperimentPage(PageServices services, ExperimentResultService results, ExperimentService experiments)
    : PortalPage(services)
{
    private ExperimentView? _view;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery]
    private string? Show { get; set; }

    [SupplyParameterFromQuery]
    private string? Case { get; set; }

    private IReadOnlyList<(string, string?)> Path =>
        _view switch
        {
            null => [("Test sets", "test-sets")],
            { IsBatch: true } =>
            [
                ("Workflows", "workflows"),
                (_view.WorkflowName ?? "Workflow", $"workflows/{_view.WorkflowId}"),
                ("Batches", Parent),
                (_view.Name, null),
            ],
            _ => [("Test sets", "test-sets"), (_view.TestSetName, Parent), (_view.Name, null)],
        };

    /// <summary>Where its like are listed.</summary>
    private string Parent => _view!.IsBatch ? $"workflows/{_view.WorkflowId}/batches" : $"test-sets/{_view.TestSetId}";

    private string ResumeWord =>
        _view switch
        {
            { IsBatch: false } => "Rerun calls without output",
            { } batch when batch.Variants[0].Errors > 0 => "Retry failed rows",
            _ => "Run the remaining rows",
        };

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(results.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (_view is { Status: not ExperimentStatus.Running } && Problem is null && !IsBusy)
        {
            return;
        }

        var found = await results.FindAsync(await ActorAsync(), Id, Left);
        (_view, Problem) = (found.IsOk ? found.Value : _view, found.Problem);
    }

    private void Select((string Show, string? Case) place) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(
                new Dictionary<string, object?> { ["show"] = place.Show == "all" ? null : place.Show, ["case"] = place.Case }
            ),
            replace: true
        );

    private Task CancelAsync() => ActAsync(actor => experiments.CancelAsync(actor, Id, Left));

    private Task ResumeAsync() => ActAsync(actor => experiments.ResumeAsync(actor, Id, Left));

    private Task ActAsync(Func<Actor, Task<Result<Done>>> act) =>
        OnceAsync(async () =>
        {
            var done = await act(await ActorAsync());
            await LoadAsync();
            Problem = done.Problem ?? Problem;
        });

    private async Task DeleteAsync()
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete the experiment “{_view!.Name}”?",
                "Its results are deleted too. This cannot be undone."
            )
        )
        {
            return;
        }

        await OnceAsync(async () =>
        {
            var deleted = await experiments.DeleteAsync(await ActorAsync(), Id, Left);
            Problem = deleted.Problem;
            if (deleted.IsOk)
            {
                Navigation.NavigateTo(Parent);
            }
        });
    }
}
