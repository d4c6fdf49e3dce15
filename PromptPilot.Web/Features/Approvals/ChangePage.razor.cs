using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Approvals;

/// <summary>A change request with its diff, impact, experiment, approvals and comments.</summary>
public sealed partial class ChangePage(
    PageServices services,
    ChangeListService changes,
    ChangeDecisionService decisions,
    ChangeRequestService requests,
    PromptService prompts,
    PromptLabelService labels,
    WorkflowVersionService workflowVersions
) : PortalPage(services)
{
    private ChangeView? _view;
    private PromptComparison? _comparison;
    private WorkflowComparison? _workflow;
    private LabelImpact? _impact;
    private Problem? _refusal;
    private string? _shownFor;
    private string _reason = "";
    private string _comment = "";

    [Parameter]
    public string Id { get; set; } = "";

    protected override bool IsDirty => _reason.Length > 0 || _comment.Length > 0;

    private string Title => _view is null ? "Change" : ChangeWords.Of(_view.Change);

    private bool IsOpen => _view is { Change.Status: ChangeStatus.Open };

    private FieldErrors Errors => new(_refusal);

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(changes.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        var found = await changes.FindAsync(actor, Id, Left);
        (_view, Problem) = (found.IsOk ? found.Value : _view, found.Problem);

        // The diff stays the same until the status changes.
        if (found.IsOk && _shownFor != $"{found.Value.Change.Status} {found.Value.IsOutdated}")
        {
            _shownFor = $"{found.Value.Change.Status} {found.Value.IsOutdated}";
            await CompareAsync(actor, found.Value.Change);
        }
    }

    private async Task CompareAsync(Actor actor, ChangeListItem change)
    {
        (_comparison, _workflow, _impact) = (null, null, null);
        if (change is { PromptId: { } promptId, Label: { } label, ToVersion: { } to })
        {
            if (change.FromVersion is { } from)
            {
                var left = await prompts.FindVersionAsync(actor, promptId, from, Left);
                var right = await prompts.FindVersionAsync(actor, promptId, to, Left);
                _comparison =
                    left.IsOk && right.IsOk
                        ? await Task.Run(() => PromptComparison.Of(PromptState.Of(left.Value), PromptState.Of(right.Value)))
                        : null;
            }

            var impact = await labels.FindImpactAsync(actor, promptId, label, to, Left);
            _impact = impact.IsOk ? impact.Value : null;
        }
        else if (change is { WorkflowId: { } workflowId, FromVersion: { } number } && (IsOpen || change.ToVersion is not null))
        {
            var compared = await workflowVersions.CompareAsync(actor, workflowId, NumberOf(number), NumberOf(change.ToVersion), Left);
            _workflow = compared.IsOk ? compared.Value : null;
        }
    }

    private static int? NumberOf(string? version) =>
        version is null ? null : int.Parse(version, System.Globalization.CultureInfo.InvariantCulture);

    private Task ApproveAsync() => ActAsync(async actor => (await decisions.ApproveAsync(actor, Id, Left)).Problem);

    private Task RejectAsync() =>
        ActAsync(async actor => (await decisions.RejectAsync(actor, Id, _reason, Left)).Problem, () => _reason = "");

    private Task OverrideAsync() =>
        ActAsync(async actor => (await decisions.OverrideAsync(actor, Id, _reason, Left)).Problem, () => _reason = "");

    private Task WithdrawAsync() => ActAsync(async actor => (await decisions.WithdrawAsync(actor, Id, Left)).Problem);

    private Task RunExperimentAsync() => ActAsync(async actor => (await requests.RunExperimentAsync(actor, Id, Left)).Problem);

    private Task CommentAsync() =>
        ActAsync(async actor => (await decisions.CommentAsync(actor, Id, _comment, Left)).Problem, () => _comment = "");

    private Task ActAsync(Func<Actor, Task<Problem?>> act, Action? done = null) =>
        OnceAsync(async () =>
        {
            _refusal = await act(await ActorAsync());
            if (_refusal is null)
            {
                done?.Invoke();
            }

            await LoadAsync();
        });
}
