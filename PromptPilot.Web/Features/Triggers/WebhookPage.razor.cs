using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>One webhook: settings, expressions tried on what came last, a command to try it, and the inbox.</summary>
public sealed partial class WebhookPage
{
    private WebhookView? _view;
    private WebhookForm? _form;
    private JsonElement? _sample;
    private MappingTrial? _trial;
    private Problem? _problem;
    private string? _secret;
    private bool _busy;

    [Parameter]
    public string Id { get; set; } = "";

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private WebhookInboxService Inbox { get; set; } = default!;

    [Inject]
    private TriggerService Triggers { get; set; } = default!;

    [Inject]
    private FreshSecrets Secrets { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private string Url => $"{Navigation.BaseUri}hooks/{Id}";

    /// <summary>Of the verification as it is saved: that is what counts when the command is pasted.</summary>
    private string Curl =>
        WebhookCurl.Of(
            _view!.Trigger.Webhook?.Verification ?? WebhookVerification.StandardWebhooks,
            Url,
            _secret,
            WebhookSample.BodyOf(_sample, _view.Inputs.Select(input => input.Name))
        );

    protected override Task OnParametersSetAsync() => _view?.Trigger.Id == Id ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Inbox.FindTriggerAsync(await CurrentActor.GetAsync(), Id, CancellationToken.None);
        _problem = found.Problem;
        if (found.IsOk)
        {
            (_view, _form, _secret) = (found.Value, WebhookForm.From(found.Value), Secrets.Find(Id));
            await LoadSampleAsync();
        }
    }

    private async Task LoadSampleAsync()
    {
        var sample = await Inbox.FindSampleAsync(await CurrentActor.GetAsync(), Id, CancellationToken.None);
        _sample = sample.IsOk ? sample.Value : null;
        await TryAsync();
    }

    /// <summary>Shows what the expressions give for the sample, while they are typed.</summary>
    private async Task TryAsync()
    {
        if (_sample is { } sample && _form is not null)
        {
            var trial = await Inbox.TryMappingAsync(await CurrentActor.GetAsync(), Id, _form.Expressions(), sample, CancellationToken.None);
            _trial = trial.IsOk ? trial.Value : null;
        }
    }

    private async Task SaveAsync()
    {
        _busy = true;
        var saved = await Triggers.UpdateAsync(
            await CurrentActor.GetAsync(),
            _view!.Trigger.WorkflowId,
            Id,
            _form!.ToContent(),
            _view.Trigger.Revision,
            CancellationToken.None
        );
        await ShowAsync(saved, "The webhook is saved.");
    }

    private async Task RotateAsync()
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                "Make a new secret?",
                "The current one still counts for a day, so that the sender can be changed. If it has leaked, make a new one twice: then it ends at once.",
                "Make a new secret"
            )
        )
        {
            return;
        }

        _busy = true;
        await ShowAsync(
            await Triggers.RotateSecretAsync(
                await CurrentActor.GetAsync(),
                _view!.Trigger.WorkflowId,
                Id,
                _view.Trigger.Revision,
                CancellationToken.None
            ),
            "There is a new secret."
        );
    }

    private async Task ShowAsync(Result<TriggerWithSecret> result, string done)
    {
        (_busy, _problem) = (false, result.Problem);
        if (!result.IsOk)
        {
            return;
        }

        Secrets.Put(Id, result.Value.Secret);
        _secret = result.Value.Secret ?? _secret;
        var typed = _form!.IsChanged && result.Value.Secret is not null ? _form : null;
        _view = _view! with { Trigger = result.Value.Trigger };

        // A new secret is made without what was typed elsewhere: that stays, unsaved.
        _form = typed ?? WebhookForm.From(_view);
        Snackbar.Add(done, Severity.Success);
        await TryAsync();
    }

    private async Task DeleteAsync()
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete the webhook of “{_view!.WorkflowName}”?",
                "Its address stops working at once, and its inbox goes with it. The runs that it started stay."
            )
        )
        {
            return;
        }

        var deleted = await Triggers.DeleteAsync(await CurrentActor.GetAsync(), _view.Trigger.WorkflowId, Id, null, CancellationToken.None);
        _problem = deleted.Problem;
        if (deleted.IsOk)
        {
            _form = null;
            Secrets.Forget(Id);
            Navigation.NavigateTo("/triggers/webhooks");
        }
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext context)
    {
        if (
            _form?.IsChanged == true
            && !await ConfirmDialog.AskAsync(Dialogs, "Leave without saving?", "What you changed in this webhook will be lost.", "Leave")
        )
        {
            context.PreventNavigation();
        }
    }
}
