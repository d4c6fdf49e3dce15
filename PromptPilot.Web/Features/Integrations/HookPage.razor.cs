using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Triggers.Webhooks;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>One hook: make, edit, test, delete, and what it has sent.</summary>
public sealed partial class HookPage(
    PageServices services,
    IntegrationHookService service,
    WorkflowService workflowService,
    FreshSecrets secrets,
    ISnackbar snackbar
) : PortalPage(services)
{
    private HookView? _view;
    private HookForm? _form;
    private HookAttempt? _test;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private IReadOnlyList<string> _keys = [];
    private string? _secret;
    private bool _isMoving;

    /// <summary>Null: a new one.</summary>
    [Parameter]
    public string? Id { get; set; }

    /// <summary>For a new hook: the preselected workflow.</summary>
    [SupplyParameterFromQuery]
    private string? Workflow { get; set; }

    protected override bool IsDirty => _form?.IsChanged == true;

    /// <summary>
    /// Also after creating, when the address changes from “new” to the hook's own: what is shown already is not loaded again. The query
    /// string is supplied again first, while there is no id yet.
    /// </summary>
    protected override Task OnParametersSetAsync()
    {
        var isMoving = _isMoving && Id is null;
        _isMoving &= isMoving;
        return _form is not null && (isMoving || _view?.Id == Id) ? Task.CompletedTask : LoadAsync();
    }

    private async Task LoadAsync()
    {
        (_view, _form, _test, Problem, _secret) = (null, null, null, null, null);
        var actor = await ActorAsync();
        if (Id is null)
        {
            var workflows = await workflowService.ListAsync(
                actor,
                new WorkflowFilter(),
                new PageRequest(Limit: PageRequest.MaxLimit),
                Left
            );
            (_workflows, Problem) = (workflows.IsOk ? workflows.Value.Items : [], workflows.Problem);
            if (!May(Permission.Write))
            {
                Problem ??= Problem.Forbidden("Only architects and admins can create hooks. Ask one of them.");
            }

            _form = Problem is null ? HookForm.New(Workflow) : null;
        }
        else
        {
            var found = await service.FindAsync(actor, Id, Left);
            Problem = found.Problem;
            if (found.IsOk)
            {
                (_view, _form, _secret) = (found.Value, HookForm.From(found.Value), secrets.Find(Id));
            }
        }

        await LoadKeysAsync(actor);
    }

    private async Task LoadKeysAsync(Actor actor)
    {
        var keys = _form is { WorkflowId.Length: > 0 }
            ? await service.ListOutputsAsync(actor, _form.WorkflowId, Left)
            : default(Result<IReadOnlyList<string>>?);
        _keys = keys is { IsOk: true } found ? found.Value : [];
    }

    private async Task ChooseWorkflowAsync(string workflowId)
    {
        _form!.WorkflowId = workflowId;
        _form.Outputs.Clear();
        await LoadKeysAsync(await ActorAsync());
    }

    private async Task SaveAsync()
    {
        if (await TrySaveAsync())
        {
            snackbar.Add($"Saved “{_view!.Name}”", Severity.Success);
        }
    }

    private async Task<bool> TrySaveAsync()
    {
        if (_form!.WorkflowId.Length == 0)
        {
            Problem = Problem.Invalid("Could not save the hook.", new FieldError("workflow", "Choose the workflow whose results to send."));
            return false;
        }

        return await OnceAsync(async () =>
        {
            var actor = await ActorAsync();
            var (sent, form) = (_form.Snapshot(), _form);
            if (_view is not null)
            {
                Show(await service.UpdateAsync(actor, _view.Id, form.ToContent(), _view.Revision, Left), form, sent);
                return Problem is null;
            }

            var made = await service.CreateAsync(actor, form.WorkflowId, form.ToContent(), Left);
            Show(made.Map(value => value.Hook), form, sent);
            if (made.IsOk)
            {
                _secret = made.Value.Secret;
                secrets.Put(made.Value.Hook.Id, made.Value.Secret);
                _isMoving = true;
                Navigation.NavigateTo($"integrations/{made.Value.Hook.Id}", replace: true);
            }

            return made.IsOk;
        });
    }

    private async Task TestAsync()
    {
        if (IsBusy || ((_form!.IsChanged || _view is null) && !await TrySaveAsync()))
        {
            return;
        }

        await OnceAsync(async () =>
        {
            _test = null;
            StateHasChanged();
            var result = await service.TestAsync(await ActorAsync(), _view!.Id, Left);
            (Problem, _test) = (result.Problem, result.IsOk ? result.Value : null);
        });
    }

    private Task SwitchAsync() =>
        OnceAsync(async () =>
        {
            // What was typed elsewhere stays, unsaved.
            var (form, sent) = (_form!, _form!.IsChanged ? "" : _form.Snapshot());
            Show(await service.SetEnabledAsync(await ActorAsync(), _view!.Id, !_view.Enabled, _view.Revision, Left), form, sent);
            if (Problem is null)
            {
                _form.Enabled = _view.Enabled;
            }
        });

    private Task DeleteAsync() =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Delete the hook “{_view!.Name}”?",
                    "Its delivery history is deleted and waiting messages are not sent. The runs stay."
                )
            )
            {
                return;
            }

            var deleted = await service.DeleteAsync(await ActorAsync(), _view.Id, null, Left);
            Problem = deleted.Problem;
            if (deleted.IsOk)
            {
                _form = null;
                secrets.Forget(_view.Id);
                Navigation.NavigateTo("integrations");
            }
        });

    /// <param name="form">The form that was saved, which may have been typed in since.</param>
    private void Show(Result<HookView> result, HookForm form, string sent)
    {
        Problem = result.Problem;
        if (result.IsOk)
        {
            (_view, _form) = (result.Value, form.Merge(result.Value, sent));
        }
    }
}
