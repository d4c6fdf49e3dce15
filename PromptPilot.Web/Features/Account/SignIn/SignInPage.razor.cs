using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Signs in with a password.</summary>
public sealed partial class SignInPage(PasswordSignIn signIn, NavigationManager navigation, FirstAdmin firstAdmin)
{
    private Problem? _problem;
    private bool _needsSetup;

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "sign-in")]
    private SignInForm Form { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    /// <summary>The page was left because the session was over.</summary>
    [SupplyParameterFromQuery]
    private bool Ended { get; set; }

    /// <summary>A password was just set by a link.</summary>
    [SupplyParameterFromQuery]
    private bool PasswordSet { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Form ??= new SignInForm();
        _needsSetup = await firstAdmin.IsNeededAsync(Http.RequestAborted);
    }

    private async Task SignInAsync()
    {
        // Not cancelled: an attempt is counted even if the browser hangs up.
        var result = await signIn.TryAsync(Form.Email?.Trim() ?? "", Form.Password ?? "", Form.Remember, CancellationToken.None);
        _problem = result.Problem;
        if (result.IsOk)
        {
            var goOn = LocalUrl.OrHome(ReturnUrl);
            navigation.NavigateTo(result.Value == SignInStep.Done ? goOn : $"account/second-factor?returnUrl={Uri.EscapeDataString(goOn)}");
        }
    }

    private sealed class SignInForm
    {
        public string? Email { get; set; }

        public string? Password { get; set; }

        public bool Remember { get; set; }
    }
}
