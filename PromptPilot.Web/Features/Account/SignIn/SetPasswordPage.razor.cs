using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Passwords;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Sets a password by a link that was sent.</summary>
public sealed partial class SetPasswordPage(PasswordChange passwords, NavigationManager navigation)
{
    private Problem? _problem;
    private bool _isOpen;

    [SupplyParameterFromForm(FormName = "set-password")]
    private PasswordForm Form { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "user")]
    private string? UserId { get; set; }

    [SupplyParameterFromQuery]
    private string? Token { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Form ??= new PasswordForm();
        _isOpen = await passwords.AcceptsAsync(UserId, Token);
    }

    private async Task SetAsync()
    {
        var result = await passwords.SetAsync(UserId, Token, Form.Password ?? "");
        if (result.IsOk)
        {
            navigation.NavigateTo("account/sign-in?passwordSet=true");
            return;
        }

        _problem = result.Problem;
        _isOpen = _problem.Errors.Count > 0;
    }

    private sealed class PasswordForm
    {
        public string? Password { get; set; }
    }
}
