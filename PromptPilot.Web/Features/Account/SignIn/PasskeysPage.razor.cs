using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>The passkeys of the signed-in user.</summary>
public sealed partial class PasskeysPage(Passkeys passkeys, NavigationManager navigation)
{
    private Problem? _problem;
    private IReadOnlyList<PasskeyItem> _passkeys = [];

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "add-passkey")]
    private PasskeyForm Form { get; set; } = default!;

    /// <summary>One form handles all passkeys, so that it also exists for one that was just removed.</summary>
    [SupplyParameterFromForm(FormName = "remove-passkey")]
    private RemovedPasskey? Removed { get; set; }

    private string? UserId => Http.User.FindFirstValue(ClaimTypes.NameIdentifier);

    protected override async Task OnInitializedAsync()
    {
        Form ??= new PasskeyForm();
        if (UserId is not { } userId)
        {
            navigation.NavigateTo(LocalUrl.SignInAndBack(navigation));
            return;
        }

        _passkeys = await passkeys.ListAsync(userId);
    }

    private async Task AddAsync()
    {
        if (UserId is { } userId)
        {
            Show(await passkeys.AddAsync(userId, Form.Name ?? "", Form.Credential ?? ""));
        }
    }

    private async Task RemoveAsync()
    {
        if (UserId is { } userId)
        {
            Show(await passkeys.RemoveAsync(userId, Removed?.Id ?? ""));
        }
    }

    private void Show(Result<Done> result)
    {
        _problem = result.Problem;
        if (result.IsOk)
        {
            navigation.NavigateTo("account/passkeys");
        }
    }

    private sealed class RemovedPasskey
    {
        public string? Id { get; set; }
    }

    private sealed class PasskeyForm
    {
        public string? Name { get; set; }

        public string? Credential { get; set; }
    }
}
