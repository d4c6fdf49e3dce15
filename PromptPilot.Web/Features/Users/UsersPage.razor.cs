using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Filters;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Users;

/// <summary>People, for admins: make them, change role, lock, send a password link, delete.</summary>
public sealed partial class UsersPage(PageServices services, UserAccessService userAccess, UserService users)
    : ListPage<UsersQuery, UserItem>(services)
{
    // Not in the address: people search for e-mail addresses.
    private readonly SearchText _typed = new();
    private Actor _actor = Actor.Nobody;
    private bool _isAdding;
    private Problem? _addProblem;
    private ShownLink? _link;
    private string? _done;
    private Problem? _refused;

    private sealed record ShownLink(string Name, PasswordLink Link);

    protected override string IdOf(UserItem item) => item.Id;

    protected override async Task<Result<Page<UserItem>>> ListAsync(UsersQuery filter, PageRequest request) =>
        await users.ListAsync(await ActorAsync(), filter.ToFilter(_typed.Shown), request, Left);

    protected override async Task OnInitializedAsync()
    {
        _actor = await ActorAsync();
        await base.OnInitializedAsync();
    }

    private static StatusLook State(UserItem user) =>
        user.IsLocked ? new StatusLook("■", "Locked", "bad")
        : user.HasPassword || user.IsLinked ? new StatusLook("✓", "Active", "ok")
        : new StatusLook("◌", "Invited", "warn");

    private async Task SearchAsync(string? text)
    {
        if (await _typed.TypeAsync(text ?? "", Time, Left))
        {
            await LoadAsync();
        }
    }

    private Task AddAsync(NewUser user) =>
        OnceAsync(async () =>
        {
            var made = await users.CreateAsync(_actor, user, Left);
            _addProblem = made.Problem;
            if (made.IsOk)
            {
                _isAdding = false;
                _link = new ShownLink(made.Value.User.Name, made.Value.Link);
                await LoadAsync();
            }
        });

    private Task SetRoleAsync(UserItem user, ChangeEventArgs change) =>
        Enum.TryParse<Role>(change.Value?.ToString(), out var role) ? ChangeAsync(user, new UserChange(Role: role)) : Task.CompletedTask;

    private Task LockAsync(UserItem user) => ChangeAsync(user, new UserChange(IsLocked: !user.IsLocked));

    private async Task ChangeAsync(UserItem user, UserChange change)
    {
        var changed = await users.UpdateAsync(_actor, user.Id, change, user.Revision, Left);
        await LoadAsync();
        _refused = changed.Problem;
    }

    private Task ActAsync(UserItem user, UserAction action)
    {
        _done = null;
        return action switch
        {
            UserAction.Link => LinkAsync(user),
            UserAction.ForcePassword => ForcePasswordAsync(user),
            UserAction.EndSessions => EndSessionsAsync(user),
            UserAction.RemoveSecondFactor => RemoveSecondFactorAsync(user),
            UserAction.Lock => LockAsync(user),
            UserAction.Delete => DeleteAsync(user),
        };
    }

    private Task LinkAsync(UserItem user) =>
        OnceAsync(async () =>
        {
            (_link, _done) = (null, $"Creating a link for {user.Name}…");
            var link = await users.ResetPasswordAsync(_actor, user.Id, Left);
            (_refused, _done) = (link.Problem, null);
            if (link.IsOk)
            {
                _link = new ShownLink(user.Name, link.Value);
            }
        });

    private async Task ForcePasswordAsync(UserItem user)
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Force a password reset for {user.Name}?",
                "They will be signed out everywhere and need a new link to set a password, which is created next. Their API "
                    + "keys keep working.",
                "Force password reset"
            )
        )
        {
            return;
        }

        var removed = await userAccess.RemovePasswordAsync(_actor, user.Id, Left);
        if (removed.IsOk)
        {
            await LinkAsync(user);
        }

        await ReloadAsync(removed.Problem);
    }

    private Task EndSessionsAsync(UserItem user) =>
        OnceAsync(async () =>
        {
            var ended = await userAccess.EndSessionsAsync(_actor, user.Id, Left);
            _done = ended.IsOk ? $"{user.Name} was signed out everywhere." : null;
            await ReloadAsync(ended.Problem);
        });

    private Task RemoveSecondFactorAsync(UserItem user) =>
        OnceAsync(async () =>
        {
            if (
                await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Remove the second factor of {user.Name}?",
                    "They can then sign in with their password alone until they set up an app again. Make sure the request really "
                        + "came from them.",
                    "Remove second factor"
                )
            )
            {
                await ReloadAsync((await userAccess.RemoveSecondFactorAsync(_actor, user.Id, Left)).Problem);
            }
        });

    private async Task ReloadAsync(Problem? problem)
    {
        await LoadAsync();
        _refused = problem;
    }

    private Task DeleteAsync(UserItem user) =>
        OnceAsync(async () =>
        {
            if (await DeleteUserDialog.AskAsync(Dialogs, user.Name) is { } erasesTexts)
            {
                var deleted = await users.DeleteAsync(_actor, user.Id, user.Revision, Left, erasesTexts: erasesTexts);
                await LoadAsync();
                _refused = deleted.Problem;
            }
        });
}
