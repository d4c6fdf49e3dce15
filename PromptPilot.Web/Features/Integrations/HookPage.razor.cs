using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>One hook: make, edit, test, delete, and what it has sent.</summary>
public sealed partial class HookPage : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private HookView? _view;
    private HookForm? _form;
    private HookAttempt? _test;
    private Problem? _problem;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private IReadOnlyList<string> _keys = [];
    private string? _secret;
    private bool _busy;

    /// <summary>Null: a new one.</summary>
    [Parameter]
    public string? Id { get; set; }

    /// <summary>Of a new one, which workflow is preselected.</summary>
    [SupplyParameterFromQuery]
    private string? Workflow { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private IntegrationHookService Service { get; set; } = default!;

    [Inject]
    private WorkflowService WorkflowService { get; set; } = default!;

    [Inject]
    private FreshSecrets Secrets { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>
    /// Also after creating, when the address changes from “new” to the hook's own: what is shown already is not loaded again.
    /// </summary>
    protected override Task OnParametersSetAsync() => _form is not null && _view?.Id == Id ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        (_view, _form, _test, _problem, _secret) = (null, null, null, null, null);
        var actor = await CurrentActor.GetAsync();
        if (Id is null)
        {
            var workflows = await WorkflowService.ListAsync(
                actor,
                new WorkflowFilter(),
                new PageRequest(Limit: PageRequest.MaxLimit),
                _gone.Token
            );
            (_workflows, _problem) = (workflows.IsOk ? workflows.Value.Items : [], workflows.Problem);
            if (!MayWrite)
            {
                _problem ??= Problem.Forbidden("Hooks are made by architects. Ask one of them, or an admin.");
            }

            _form = _problem is null ? HookForm.New(Workflow) : null;
        }
        else
        {
            var found = await Service.FindAsync(actor, Id, _gone.Token);
            _problem = found.Problem;
            if (found.IsOk)
            {
                (_view, _form, _secret) = (found.Value, HookForm.From(found.Value), Secrets.Find(Id));
            }
        }

        await LoadKeysAsync(actor);
    }

    private async Task LoadKeysAsync(Actor actor)
    {
        var keys = _form is { WorkflowId.Length: > 0 }
            ? await Service.ListOutputsAsync(actor, _form.WorkflowId, _gone.Token)
            : default(Result<IReadOnlyList<string>>?);
        _keys = keys is { IsOk: true } found ? found.Value : [];
    }

    private async Task ChooseWorkflowAsync(string workflowId)
    {
        _form!.WorkflowId = workflowId;
        _form.Outputs.Clear();
        await LoadKeysAsync(await CurrentActor.GetAsync());
    }

    private async Task SaveAsync()
    {
        if (await TrySaveAsync())
        {
            Snackbar.Add($"“{_view!.Name}” is saved.", Severity.Success);
        }
    }

    private async Task<bool> TrySaveAsync()
    {
        if (_form!.WorkflowId.Length == 0)
        {
            _problem = Problem.Invalid(
                "The hook was not saved. Correct what is marked.",
                new FieldError("workflow", "Choose the workflow whose results it sends.")
            );
            return false;
        }

        _busy = true;
        var actor = await CurrentActor.GetAsync();
        if (_view is not null)
        {
            Show(await Service.UpdateAsync(actor, _view.Id, _form.ToContent(), _view.Revision, _gone.Token));
            return _problem is null;
        }

        var made = await Service.CreateAsync(actor, _form.WorkflowId, _form.ToContent(), _gone.Token);
        Show(made.Map(value => value.Hook));
        if (made.IsOk)
        {
            _secret = made.Value.Secret;
            Secrets.Put(made.Value.Hook.Id, made.Value.Secret);
            Navigation.NavigateTo($"/integrations/{made.Value.Hook.Id}", replace: true);
        }

        return made.IsOk;
    }

    private async Task TestAsync()
    {
        if ((_form!.IsChanged || _view is null) && !await TrySaveAsync())
        {
            return;
        }

        (_busy, _test) = (true, null);
        StateHasChanged();
        var result = await Service.TestAsync(await CurrentActor.GetAsync(), _view!.Id, _gone.Token);
        (_busy, _problem, _test) = (false, result.Problem, result.IsOk ? result.Value : null);
    }

    private async Task SwitchAsync()
    {
        _busy = true;
        var typed = _form!.IsChanged ? _form : null;
        Show(await Service.SetEnabledAsync(await CurrentActor.GetAsync(), _view!.Id, !_view.Enabled, _view.Revision, _gone.Token));
        if (typed is not null && _problem is null)
        {
            // What was typed elsewhere stays, unsaved.
            typed.Enabled = _view.Enabled;
            _form = typed;
        }
    }

    private async Task DeleteAsync()
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete the hook “{_view!.Name}”?",
                "What it has sent goes with it, and what waits is not sent any more. The runs stay."
            )
        )
        {
            return;
        }

        var deleted = await Service.DeleteAsync(await CurrentActor.GetAsync(), _view.Id, null, _gone.Token);
        _problem = deleted.Problem;
        if (deleted.IsOk)
        {
            _form = null;
            Secrets.Forget(_view.Id);
            Navigation.NavigateTo("/integrations");
        }
    }

    private void Show(Result<HookView> result)
    {
        (_busy, _problem) = (false, result.Problem);
        if (result.IsOk)
        {
            (_view, _form) = (result.Value, HookForm.From(result.Value));
        }
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext context)
    {
        if (
            _form?.IsChanged == true
            && !await ConfirmDialog.AskAsync(Dialogs, "Leave without saving?", "What you changed in this hook will be lost.", "Leave")
        )
        {
            context.PreventNavigation();
        }
    }
}
