using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Settings;

/// <summary>What admins may change while the portal runs.</summary>
public sealed partial class SettingsPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<SettingsForm> _forms = [];
    private Actor _actor = Actor.Nobody;
    private Problem? _problem;
    private Problem? _refusal;
    private SettingGroup? _refused;
    private SettingGroup? _saved;
    private MailTest? _test;
    private bool _busy;
    private bool _testing;

    [Inject]
    private SettingsService Settings { get; set; } = default!;

    [Inject]
    private MailTestService MailTests { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    private bool IsChanged => _forms.Any(form => form.IsChanged);

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    internal static (string Title, string About) Words(SettingGroup group) =>
        group switch
        {
            SettingGroup.Portal => ("Portal", "How it is called, and where people find it."),
            SettingGroup.Mail => (
                "Mail",
                "The server that takes the portal's mail: invitations, e-mail hooks, and word to the owner of a run that failed while nobody watched."
            ),
            SettingGroup.SignIn => ("Sign-in", "How hard it is to get in, and how fast somebody is out."),
            SettingGroup.Network => (
                "Private networks",
                "Models and hooks never reach addresses inside private networks, unless the host is named here. Metadata services of clouds are refused in any case."
            ),
            SettingGroup.Retention => (
                "Retention",
                "What is kept, and for how long. Old things go every hour; Storage shows what goes next."
            ),
            SettingGroup.Limits => ("Limits", "What keeps one person, program or workflow from harming the others."),
        };

    protected override async Task OnInitializedAsync()
    {
        _actor = await CurrentActor.GetAsync();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var states = await Settings.ListAsync(_actor, _left.Token);
        _problem = states.Problem;
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

    private async Task SaveAsync(SettingsForm form)
    {
        (_busy, _saved, _refused, _refusal) = (true, null, null, null);
        _test = form.Group == SettingGroup.Mail ? null : _test;
        var changes = form.Changes();
        var result = await Settings.SaveAsync(_actor, changes, _left.Token);
        _busy = false;
        if (result.IsOk)
        {
            _saved = form.Group;
            Show(result.Value, form, changes);
        }
        else
        {
            (_refused, _refusal) = (form.Group, result.Problem);
        }
    }

    private async Task SendTestAsync()
    {
        (_busy, _testing, _test) = (true, true, null);
        try
        {
            var result = await MailTests.SendAsync(_actor, _left.Token);
            _test = result.IsOk ? result.Value : new MailTest(false, result.Problem.Message);
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // The page was left.
        }

        (_busy, _testing) = (false, false);
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext context)
    {
        if (
            IsChanged
            && !await ConfirmDialog.AskAsync(Dialogs, "Leave without saving?", "What you changed in the settings will be lost.", "Leave")
        )
        {
            context.PreventNavigation();
        }
    }
}
