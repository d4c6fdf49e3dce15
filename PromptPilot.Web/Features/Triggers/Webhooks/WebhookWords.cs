using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>The texts about webhooks.</summary>
internal static class WebhookWords
{
    public static string Of(WebhookVerification verification) =>
        verification switch
        {
            WebhookVerification.StandardWebhooks => "Standard Webhooks, Svix",
            WebhookVerification.GitHub => "GitHub signature",
            WebhookVerification.Bearer => "Bearer secret",
            WebhookVerification.Slack => "Slack",
            WebhookVerification.Stripe => "Stripe",
            WebhookVerification.GitLab => "GitLab",
            WebhookVerification.None => "Unsigned",
        };

    /// <summary>True when the portal makes the secret, so that it can make a new one.</summary>
    public static bool CanRotate(WebhookVerification verification) =>
        verification is not (WebhookVerification.None or WebhookVerification.Slack or WebhookVerification.Stripe);

    /// <summary>Help text: what the sender has to do.</summary>
    public static string HelpOf(WebhookVerification verification) =>
        verification switch
        {
            WebhookVerification.StandardWebhooks =>
                "Signs id, time and body. A repeated webhook-id does not start a second run, and requests older than 5 minutes "
                    + "are refused. Recommended if the sender supports it.",
            WebhookVerification.GitHub =>
                "X-Hub-Signature-256, as sent by GitHub and Gitea. It covers only the body, so a repeated body does not start "
                    + "a second run.",
            WebhookVerification.Bearer =>
                "Authorization: Bearer SECRET. Also send an Idempotency-Key so that a repeated request does not start a second run.",
            WebhookVerification.Slack =>
                "Paste the signing secret of the Slack app. Events, slash commands and buttons are signed with it. Enter the address above "
                    + "as their request URL.",
            WebhookVerification.Stripe => "Paste the signing secret of the endpoint in Stripe. It starts with whsec_.",
            WebhookVerification.GitLab => "X-Gitlab-Token. Enter the secret as the secret token in GitLab, or paste one that is set there.",
            WebhookVerification.None => "Anyone who knows the address can start runs at your expense.",
        };

    public static StatusLook Of(WebhookVerdict verdict) =>
        verdict switch
        {
            WebhookVerdict.Accepted => new("✓", "Accepted", "ok"),
            WebhookVerdict.Repeated => new("=", "Repeated", ""),
            WebhookVerdict.Replayed => new("↻", "Replayed", "ok"),
            WebhookVerdict.Unreadable => new("✕", "Unreadable", "warn"),
            WebhookVerdict.Unmapped => new("✕", "Inputs missing", "warn"),
            WebhookVerdict.Refused => new("■", "Refused", "warn"),
            WebhookVerdict.NotSigned => new("✕", "Unsigned", "bad"),
            WebhookVerdict.Forged => new("✕", "Forged", "bad"),
            WebhookVerdict.Stale => new("✕", "Stale", "bad"),
            WebhookVerdict.TooLarge => new("✕", "Too large", "warn"),
            WebhookVerdict.Disabled => new("■", "Disabled", ""),
        };
}

/// <summary>New secrets, until their page has shown them: they are not stored in plain text anywhere else. One per circuit.</summary>
public sealed class FreshSecrets
{
    private readonly Dictionary<string, string> _secrets = [];

    public void Put(string triggerId, string? secret)
    {
        if (secret is not null)
        {
            _secrets[triggerId] = secret;
        }
    }

    public string? Find(string triggerId) => _secrets.GetValueOrDefault(triggerId);

    public void Forget(string triggerId) => _secrets.Remove(triggerId);
}
