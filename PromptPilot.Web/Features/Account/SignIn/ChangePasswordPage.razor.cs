using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Passwords;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Changes the password of the signed-in user.</summary>
public sealed partial class ChangePasswordPage(PasswordChange passwords, NavigationManager navigation)
{
    private Problem? _problem;

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "change-password")]
    private PasswordForm Form { get; set; } = default!;

    protected override void OnInitialized()
    {
        Form ??= new PasswordForm();
        if (Http.User.Identity?.IsAuthenticated != true)
        {
            navigation.NavigateTo(LocalUrl.SignInAndBack(navigation));
        }
    }

    private async Task ChangeAsync()
    {
        if (Http.User.FindFirstValue(ClaimTypes.NameIdentifier) is not { } userId)
        {
            navigation.NavigateTo("account/sign-in");
            return;
        }

        // Not cancelled: a wrong password is counted even if the browser hangs up.
        var result = await passwords.ChangeAsync(userId, Form.Current ?? "", Form.Password ?? "", CancellationToken.None);
        _problem = result.Problem;
        if (result.IsOk)
        {
            navigation.NavigateTo("account?passwordChanged=true");
        }
    }

    private string? Error(string field) => _problem?.Errors.FirstOrDefault(error => error.Field == field)?.Message;

    private sealed class PasswordForm
    {
        public string? Current { get; set; }

        public string? Password { get; set; }
    }
}
