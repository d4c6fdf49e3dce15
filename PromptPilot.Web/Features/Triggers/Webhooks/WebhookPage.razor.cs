using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>One webhook: settings, expressions tried on what came last, a command to try it, and the inbox.</summary>
public sealed partial class WebhookPage(
    PageServices services,
    WebhookInboxService webhookInboxService,
    WebhookMappingService mappings,
    TriggerService triggerService,
    FreshSecrets secrets,
    ISnackbar snackbar
) : PortalPage(services)
{
    private WebhookView? _view;
    private WebhookForm? _form;
    private JsonElement? _sample;
    private MappingTrial? _trial;
    private string? _secret;

    [Parameter]
    public string Id { get; set; } = "";

    private string Url => $"{Navigation.BaseUri}hooks/{Id}";

    /// <summary>Uses the saved verification, which applies when the command is pasted.</summary>
    private string Curl =>
        WebhookCurl.Of(
            _view!.Trigger.Webhook?.Verification ?? WebhookVerification.StandardWebhooks,
            Url,
            _secret,
            WebhookSample.BodyOf(Sample, _view.Inputs.Select(input => input.Name))
        );

    /// <summary>The last request, or an example of the chosen sender until one has arrived.</summary>
    private JsonElement? Sample => _sample ?? (_form is null ? null : WebhookExamples.Of(_form.Verification));

    private string SecretHelp =>
        _form!.Verification is WebhookVerification.Slack or WebhookVerification.Stripe
            ? "Stored encrypted and never shown again. Replaces the current one immediately."
            : "Only if the sender generated one. Stored encrypted and never shown again. Replaces the current one immediately.";

    protected override bool IsDirty => _form?.IsChanged == true;

    protected override Task OnParametersSetAsync() => _view?.Trigger.Id == Id ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        var found = await webhookInboxService.FindTriggerAsync(await ActorAsync(), Id, Left);
        Problem = found.Problem;
        if (found.IsOk)
        {
            (_view, _form, _secret) = (found.Value, WebhookForm.From(found.Value), secrets.Find(Id));
            await LoadSampleAsync();
        }
    }

    private async Task LoadSampleAsync()
    {
        var sample = await mappings.FindSampleAsync(await ActorAsync(), Id, Left);
        _sample = sample.IsOk ? sample.Value : null;
        await TryAsync();
    }

    /// <summary>Shows what the expressions give for the sample, while they are typed.</summary>
    private async Task TryAsync()
    {
        if (Sample is { } sample && _form is not null)
        {
            var trial = await mappings.TryMappingAsync(await ActorAsync(), Id, _form.Expressions(), sample, Left);
            _trial = trial.IsOk ? trial.Value : null;
        }
    }

    private Task SaveAsync() =>
        OnceAsync(async () =>
        {
            var saved = await triggerService.UpdateAsync(
                await ActorAsync(),
                _view!.Trigger.WorkflowId,
                Id,
                _form!.ToContent(),
                _view.Trigger.Revision,
                Left
            );
            await ShowAsync(saved, "Webhook saved");
        });

    private Task RotateAsync() =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    "Create a new secret?",
                    "The current secret stays valid for a day so you can update the sender. If it has leaked, create a new one "
                        + "twice to invalidate it immediately.",
                    "Create new secret"
                )
            )
            {
                return;
            }

            await ShowAsync(
                await triggerService.RotateSecretAsync(await ActorAsync(), _view!.Trigger.WorkflowId, Id, _view.Trigger.Revision, Left),
                "New secret created"
            );
        });

    private async Task ShowAsync(Result<TriggerWithSecret> result, string done)
    {
        Problem = result.Problem;
        if (!result.IsOk)
        {
            return;
        }

        secrets.Put(Id, result.Value.Secret);
        _secret = result.Value.Secret ?? _secret;
        var typed = _form!.IsChanged && result.Value.Secret is not null ? _form : null;
        _view = _view! with { Trigger = result.Value.Trigger };

        // A new secret is made without what was typed elsewhere: that stays, unsaved.
        _form = typed ?? WebhookForm.From(_view);
        snackbar.Add(done, Severity.Success);
        await TryAsync();
    }

    private Task DeleteAsync() =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Delete the webhook of “{_view!.WorkflowName}”?",
                    "Its address stops working immediately and its inbox is deleted. Runs it started stay."
                )
            )
            {
                return;
            }

            var deleted = await triggerService.DeleteAsync(await ActorAsync(), _view.Trigger.WorkflowId, Id, null, Left);
            Problem = deleted.Problem;
            if (deleted.IsOk)
            {
                _form = null;
                secrets.Forget(Id);
                Navigation.NavigateTo("triggers/webhooks");
            }
        });
}
