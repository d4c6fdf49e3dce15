using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Features.Account.OpenId;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Signs in with a password.</summary>
public sealed partial class SignInPage(
    PasswordSignIn signIn,
    NavigationManager navigation,
    FirstAdmin firstAdmin,
    IOptions<OpenIdOptions> openId
)
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

    /// <summary>The outcome of a sign-in with the provider.</summary>
    [SupplyParameterFromQuery(Name = "openId")]
    private string? OpenId { get; set; }

    /// <summary>The person has just signed out of a session started by the provider; their session at the provider continues.</summary>
    [SupplyParameterFromQuery]
    private bool SignedOut { get; set; }

    private OpenIdOptions Provider => openId.Value;

    private string? OpenIdProblem => OpenIdWords.Of(OpenId, Provider);

    private string OpenIdAddress => $"{OpenIdPaths.Start[1..]}?returnUrl={Uri.EscapeDataString(LocalUrl.OrHome(ReturnUrl))}";

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
            var goOn = LocalUrl.OrHome(ReturnUrl, navigation);
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
