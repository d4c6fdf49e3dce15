using PromptPilot.Core.Mail;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Settings;

/// <summary>The settings that admins can change while the portal runs.</summary>
public sealed partial class SettingsPage(
    PageServices services,
    SettingsService settingsService,
    MailTestService mailTests,
    OpenIdTestService openIdTests
) : PortalPage(services)
{
    private IReadOnlyList<SettingsForm> _forms = [];
    private Actor _actor = Actor.Nobody;
    private Problem? _refusal;
    private SettingGroup? _refused;
    private SettingGroup? _saved;
    private MailTest? _test;
    private bool _testing;
    private OpenIdTest? _openId;
    private string? _openIdProblem;

    protected override bool IsDirty => _forms.Any(form => form.IsChanged);

    internal static (string Title, string About) Words(SettingGroup group) =>
        group switch
        {
            SettingGroup.Portal => ("Portal", "Name and address of this portal."),
            SettingGroup.Mail => ("Mail", "The SMTP server for invitations, e-mail hooks and alerts about failed runs."),
            SettingGroup.SignIn => ("Sign-in", "Two-factor authentication, lockout, and how fast a revoked session ends."),
            SettingGroup.OpenId => (
                "Sign-in with OpenID Connect",
                "People sign in with their company account, and their groups determine their role."
            ),
            SettingGroup.Network => (
                "Private networks",
                "Models and hooks can call private addresses only if the host is listed here. Cloud metadata services are always refused."
            ),
            SettingGroup.Retention => (
                "Retention",
                "What is kept and for how long. Clean-up runs every hour. Storage shows what it removes next."
            ),
            SettingGroup.Limits => ("Limits", "Keep one user, program or workflow from slowing down the others."),
        };

    protected override async Task OnInitializedAsync()
    {
        _actor = await ActorAsync();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var states = await settingsService.ListAsync(_actor, Left);
        Problem = states.Problem;
        if (states.IsOk)
        {
            _forms = [.. Enum.GetValues<SettingGroup>().Select(group => new SettingsForm(group))];
            Show(states.Value, null, []);
        }
    }

    private void Show(IReadOnlyList<SettingState> states, SettingsForm? form, IReadOnlyList<SettingChange> saved)
    {
        foreach (var one in _forms)
        {
            one.Show(states, one == form ? saved : []);
        }
    }

    private Task SaveAsync(SettingsForm form) =>
        OnceAsync(async () =>
        {
            (_saved, _refused, _refusal) = (null, null, null);
            _test = form.Group == SettingGroup.Mail ? null : _test;
            (_openId, _openIdProblem) = form.Group == SettingGroup.OpenId ? (null, null) : (_openId, _openIdProblem);
            var changes = form.Changes();
            var result = await settingsService.SaveAsync(_actor, changes, Left);
            if (result.IsOk)
            {
                _saved = form.Group;
                Show(result.Value, form, changes);
            }
            else
            {
                (_refused, _refusal) = (form.Group, result.Problem);
            }
        });

    private Task TestOpenIdAsync() =>
        OnceAsync(async () =>
        {
            var result = await openIdTests.TestAsync(_actor, Left);
            (_openId, _openIdProblem) = (result.IsOk ? result.Value : null, result.Problem?.Message);
        });

    private Task SendTestAsync() =>
        OnceAsync(async () =>
        {
            (_testing, _test) = (true, null);
            try
            {
                var result = await mailTests.SendAsync(_actor, Left);
                _test = result.IsOk ? result.Value : new MailTest(false, result.Problem.Message);
            }
            catch (OperationCanceledException) when (Left.IsCancellationRequested)
            {
                // The page was left.
            }

            _testing = false;
        });
}
