using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Signs in with a passkey.</summary>
public sealed partial class PasskeySignInForm(Passkeys passkeys, NavigationManager navigation)
{
    private Problem? _problem;

    [SupplyParameterFromForm(FormName = "passkey")]
    private CredentialForm Form { get; set; } = default!;

    /// <summary>The address to continue to; made local here.</summary>
    [Parameter]
    public string? ReturnUrl { get; set; }

    protected override void OnInitialized() => Form ??= new CredentialForm();

    private async Task SignInAsync()
    {
        // Not cancelled: an attempt is counted even if the browser hangs up.
        var result = await passkeys.SignInAsync(Form.Credential ?? "", CancellationToken.None);
        _problem = result.Problem;
        if (result.IsOk)
        {
            navigation.NavigateTo(LocalUrl.OrHome(ReturnUrl, navigation));
        }
    }

    private sealed class CredentialForm
    {
        public string? Credential { get; set; }
    }
}
