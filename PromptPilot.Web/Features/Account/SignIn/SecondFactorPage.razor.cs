using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Asks for a code after the password.</summary>
public sealed partial class SecondFactorPage(TwoFactorSignIn signIn, NavigationManager navigation)
{
    private Problem? _problem;
    private bool _isOpen;

    [SupplyParameterFromForm(FormName = "second-factor")]
    private CodeForm Form { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Form ??= new CodeForm();
        _isOpen = await signIn.IsOpenAsync();
    }

    private async Task TryAsync()
    {
        // Not cancelled: an attempt is counted even if the browser hangs up.
        var result = await signIn.TryAsync(Form.Code?.Trim() ?? "", CancellationToken.None);
        if (result.IsOk)
        {
            navigation.NavigateTo(LocalUrl.OrHome(ReturnUrl, navigation));
            return;
        }

        _problem = result.Problem;
        _isOpen = _problem.Errors.Count > 0;
    }

    private sealed class CodeForm
    {
        public string? Code { get; set; }
    }
}
