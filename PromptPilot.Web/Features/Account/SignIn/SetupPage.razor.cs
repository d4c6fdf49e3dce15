using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Creates the first admin by the link in the log.</summary>
public sealed partial class SetupPage(FirstAdmin firstAdmin, PasswordSignIn signIn, NavigationManager navigation)
{
    private const string UsedLink =
        "This setup link is invalid or was already used. If there is no admin yet, open the newest link in the log. Otherwise sign in.";

    private Problem? _problem;
    private bool _isOpen;

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "setup")]
    private SetupForm Form { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Code { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Form ??= new SetupForm();
        _isOpen = await firstAdmin.AcceptsAsync(Code, Http.RequestAborted);
    }

    private async Task CreateAsync()
    {
        var made = await firstAdmin.CreateAsync(
            Code,
            new FirstAdminRequest(Form.Name ?? "", Form.Email?.Trim() ?? "", Form.Password ?? ""),
            Http.RequestAborted
        );
        if (!made.IsOk)
        {
            _problem = made.Problem;
            _isOpen = await firstAdmin.AcceptsAsync(Code, Http.RequestAborted);
            return;
        }

        await signIn.CompleteAsync(made.Value, Http.RequestAborted);
        navigation.NavigateTo("");
    }

    private string? Error(string field) => _problem?.Errors.FirstOrDefault(error => error.Field == field)?.Message;

    private sealed class SetupForm
    {
        public string? Name { get; set; }

        public string? Email { get; set; }

        public string? Password { get; set; }
    }
}
