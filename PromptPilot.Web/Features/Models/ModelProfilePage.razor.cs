using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Models;

/// <summary>One model profile: create, edit, test, delete.</summary>
public sealed partial class ModelProfilePage : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private ModelProfileView? _view;
    private ModelProfileForm? _form;
    private ModelTest? _test;
    private ProfileSpend? _spend;
    private Problem? _problem;
    private IReadOnlyList<ModelProfileUser>? _users;
    private bool _busy;
    private bool _testing;
    private bool _listing;

    /// <summary>Null: a new one.</summary>
    [Parameter]
    public string? Id { get; set; }

    [Inject]
    private ModelProfileService Service { get; set; } = default!;

    [Inject]
    private ModelTrialService Trials { get; set; } = default!;

    [Inject]
    private BudgetService Budgets { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>
    /// Also after creating, when the address changes from “new” to the profile's own: what is shown already is not loaded again.
    /// </summary>
    protected override Task OnParametersSetAsync() => _form is not null && _view?.Id == Id ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        (_view, _form, _test, _spend, _users, _problem) = (null, null, null, null, null, null);
        if (Id is null)
        {
            // Asks for the right to create, so that nobody fills in a form in vain.
            var allowed = await Service.ListAsync(await CurrentActor.GetAsync(), new PageRequest(Limit: 1), _gone.Token);
            _problem = allowed.Problem;
            _form = allowed.IsOk ? ModelProfileForm.New() : null;
            return;
        }

        var actor = await CurrentActor.GetAsync();
        await ShowAsync(actor, await Service.FindAsync(actor, Id, _gone.Token));
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
        _busy = true;
        var actor = await CurrentActor.GetAsync();
        var result = _view is null
            ? await Service.CreateAsync(actor, _form!.ToContent(), _gone.Token)
            : await Service.UpdateAsync(actor, _view.Id, _form!.ToContent(), _view.Revision, _gone.Token);
        _busy = false;
        await ShowAsync(actor, result);
        if (result.IsOk && Id != result.Value.Id)
        {
            Navigation.NavigateTo($"/admin/model-profiles/{result.Value.Id}", replace: true);
        }

        return result.IsOk;
    }

    /// <summary>Tries what is typed, and saves nothing: a key that does not work never replaces one that does.</summary>
    private async Task TestAsync()
    {
        (_testing, _test, _problem) = (true, null, null);
        StateHasChanged();
        var result = await Trials.TestAsync(await CurrentActor.GetAsync(), _view?.Id, _form!.ToContent(), _gone.Token);
        (_testing, _problem) = (false, result.Problem);
        _test = result.IsOk ? result.Value : null;
    }

    private async Task ListModelsAsync()
    {
        (_listing, _problem, _form!.Offered) = (true, null, null);
        StateHasChanged();
        var result = await Trials.ListModelsAsync(await CurrentActor.GetAsync(), _view?.Id, _form.ToContent(), _gone.Token);
        (_listing, _problem) = (false, result.Problem);
        _form.Offered = result.IsOk ? result.Value : null;
    }

    private async Task DeleteAsync()
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete the model profile “{_view!.Name}”?",
                "Its key goes with it. This cannot be undone; runs that used it keep their outputs."
            )
        )
        {
            return;
        }

        var result = await Service.DeleteAsync(await CurrentActor.GetAsync(), _view.Id, _view.Revision, _gone.Token);
        _problem = result.Problem;
        if (result.IsOk)
        {
            _form = null;
            Navigation.NavigateTo("/admin/model-profiles");
        }
    }

    private async Task ShowAsync(Actor actor, Result<ModelProfileView> result)
    {
        if (result.IsOk && await Budgets.FindProfileSpendAsync(actor, result.Value.Id, _gone.Token) is { IsOk: true } spend)
        {
            _spend = spend.Value;
            _users = (await Service.ListUsersAsync(actor, result.Value.Id, _gone.Token)).Value;
        }

        _problem = result.Problem;
        if (result.IsOk)
        {
            _view = result.Value;
            _form = ModelProfileForm.From(_view, _form);
        }
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext context)
    {
        if (
            _form?.IsChanged == true
            && !await ConfirmDialog.AskAsync(
                Dialogs,
                "Leave without saving?",
                "What you changed in this model profile will be lost.",
                "Leave"
            )
        )
        {
            context.PreventNavigation();
        }
    }
}
