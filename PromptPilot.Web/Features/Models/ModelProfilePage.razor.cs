using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Models;

/// <summary>One model profile: create, edit, test, delete.</summary>
public sealed partial class ModelProfilePage(
    PageServices services,
    ModelProfileService service,
    ModelTrialService trials,
    BudgetService budgets,
    ISnackbar snackbar
) : PortalPage(services)
{
    private ModelProfileView? _view;
    private ModelProfileForm? _form;
    private ModelTest? _test;
    private ProfileSpend? _spend;
    private IReadOnlyList<ModelProfileUser>? _users;
    private IReadOnlyList<ModelProfileName> _others = [];
    private bool _testing;
    private bool _listing;

    /// <summary>Null: a new one.</summary>
    [Parameter]
    public string? Id { get; set; }

    /// <summary>A sentence about what uses the profile; null if nothing does.</summary>
    private string? UsedBy => _users is { Count: > 0 } users ? $"Used by {ModelProfileUser.Words(users)}." : null;

    protected override bool IsDirty => _form?.IsChanged == true;

    /// <summary>
    /// Also after creating, when the address changes from “new” to the profile's own: what is shown already is not loaded again.
    /// </summary>
    protected override Task OnParametersSetAsync() => _form is not null && _view?.Id == Id ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        (_view, _form, _test, _spend, _users, Problem) = (null, null, null, null, null, null);
        var names = await service.ListNamesAsync(await ActorAsync(), Left);
        _others = names.IsOk ? [.. names.Value.Where(other => other.Id != Id)] : [];
        if (Id is null)
        {
            // Checks the permission to create, so that no one fills in a form they cannot save.
            var allowed = await service.ListAsync(await ActorAsync(), new PageRequest(Limit: 1), Left);
            Problem = allowed.Problem;
            _form = allowed.IsOk ? ModelProfileForm.New() : null;
            return;
        }

        var actor = await ActorAsync();
        await ShowAsync(actor, await service.FindAsync(actor, Id, Left));
    }

    private async Task SaveAsync()
    {
        if (await TrySaveAsync())
        {
            snackbar.Add($"Saved “{_view!.Name}”", Severity.Success);
        }
    }

    private Task<bool> TrySaveAsync() =>
        OnceAsync(async () =>
        {
            var actor = await ActorAsync();
            var sent = _form!.Snapshot();
            var result = _view is null
                ? await service.CreateAsync(actor, _form.ToContent(), Left)
                : await service.UpdateAsync(actor, _view.Id, _form.ToContent(), _view.Revision, Left);
            await ShowAsync(actor, result, sent);
            if (result.IsOk && Id != result.Value.Id)
            {
                Navigation.NavigateTo($"admin/model-profiles/{result.Value.Id}", replace: true);
            }

            return result.IsOk;
        });

    /// <summary>Tries what is typed, and saves nothing: a key that does not work never replaces one that does.</summary>
    private async Task TestAsync()
    {
        if (_testing)
        {
            return;
        }

        (_testing, _test, Problem) = (true, null, null);
        StateHasChanged();
        var result = await trials.TestAsync(await ActorAsync(), _view?.Id, _form!.ToContent(), Left);
        (_testing, Problem) = (false, result.Problem);
        _test = result.IsOk ? result.Value : null;
    }

    private async Task ListModelsAsync()
    {
        if (_listing)
        {
            return;
        }

        (_listing, Problem, _form!.Offered) = (true, null, null);
        StateHasChanged();
        var result = await trials.ListModelsAsync(await ActorAsync(), _view?.Id, _form.ToContent(), Left);
        (_listing, Problem) = (false, result.Problem);

        // Null: the profile was deleted meanwhile.
        _form?.Offered = result.IsOk ? result.Value : null;
    }

    private Task DeleteAsync() =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Delete the model profile “{_view!.Name}”?",
                    "Its key is deleted too. This cannot be undone. Runs that used it keep their outputs."
                )
            )
            {
                return;
            }

            var result = await service.DeleteAsync(await ActorAsync(), _view.Id, _view.Revision, Left);
            Problem = result.Problem;
            if (result.IsOk)
            {
                _form = null;
                Navigation.NavigateTo("admin/model-profiles");
            }
        });

    /// <param name="sent">The form as it was saved; null if it was not.</param>
    private async Task ShowAsync(Actor actor, Result<ModelProfileView> result, string? sent = null)
    {
        if (result.IsOk && await budgets.FindProfileSpendAsync(actor, result.Value.Id, Left) is { IsOk: true } spend)
        {
            _spend = spend.Value;
            _users = (await service.ListUsersAsync(actor, result.Value.Id, Left)).Value;
        }

        Problem = result.Problem;
        if (result.IsOk)
        {
            _view = result.Value;
            _form = sent is null ? ModelProfileForm.From(_view, _form) : _form!.Merge(_view, sent);
        }
    }
}
