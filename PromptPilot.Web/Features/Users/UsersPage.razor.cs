using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Users;

/// <summary>People, for admins: make them, change role, lock, send a password link, delete.</summary>
public sealed partial class UsersPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private Actor _actor = Actor.Nobody;
    private List<UserItem>? _users;
    private string? _next;
    private string? _search;
    private bool _isAdding;
    private Problem? _problem;
    private Problem? _addProblem;
    private ShownLink? _link;

    private sealed record ShownLink(string Name, string Address, DateTime ExpiresAt);

    [Inject]
    private UserService Users { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await CurrentActor.GetAsync();
        await LoadAsync();
    }

    private static StatusLook State(UserItem user) =>
        user.IsLocked ? new StatusLook("■", "Locked", "bad") : user.HasPassword ? new StatusLook("✓", "Active", "ok") : new StatusLook("◌", "Invited", "warn");

    private async Task LoadAsync()
    {
        var page = await Users.ListAsync(_actor, _search, new PageRequest(), _left.Token);
        _problem = page.Problem;
        if (page.IsOk)
        {
            _users = [.. page.Value.Items];
            _next = page.Value.Next;
        }
    }

    private async Task MoreAsync()
    {
        var page = await Users.ListAsync(_actor, _search, new PageRequest(_next), _left.Token);
        _problem = page.Problem;
        if (page.IsOk)
        {
            _users?.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private async Task SearchAsync(string? text)
    {
        _search = text;
        await LoadAsync();
    }

    private async Task AddAsync(NewUser user)
    {
        var made = await Users.CreateAsync(_actor, user, _left.Token);
        _addProblem = made.Problem;
        if (made.IsOk)
        {
            _isAdding = false;
            Show(made.Value.User.Name, made.Value.Link);
            await LoadAsync();
        }
    }

    private Task SetRoleAsync(UserItem user, ChangeEventArgs change) =>
        Enum.TryParse<Role>(change.Value?.ToString(), out var role) ? ChangeAsync(user, new UserChange(Role: role)) : Task.CompletedTask;

    private Task LockAsync(UserItem user) => ChangeAsync(user, new UserChange(IsLocked: !user.IsLocked));

    private async Task ChangeAsync(UserItem user, UserChange change)
    {
        var changed = await Users.UpdateAsync(_actor, user.Id, change, user.Revision, _left.Token);
        await LoadAsync();
        _problem ??= changed.Problem;
    }

    private async Task ResetAsync(UserItem user)
    {
        var link = await Users.ResetPasswordAsync(_actor, user.Id, _left.Token);
        _problem = link.Problem;
        if (link.IsOk)
        {
            Show(user.Name, link.Value);
        }
    }

    private async Task DeleteAsync(UserItem user)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Delete {user.Name}?", "Their API keys and ratings go too; prompts, workflows and runs stay. This cannot be undone. To keep somebody out for a while, lock them."))
        {
            var deleted = await Users.DeleteAsync(_actor, user.Id, user.Revision, _left.Token);
            await LoadAsync();
            _problem ??= deleted.Problem;
        }
    }

    private void Show(string name, PasswordLink link) => _link = new ShownLink(name, new Uri(new Uri(Navigation.BaseUri), link.Path).ToString(), link.ExpiresAt);
}
