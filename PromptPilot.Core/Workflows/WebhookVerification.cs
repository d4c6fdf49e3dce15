using System.Text.Json.Serialization;

namespace PromptPilot.Core.Workflows;

/// <summary>The ways in which a webhook trigger verifies that a request comes from its sender.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WebhookVerification>))]
public enum WebhookVerification
{
    /// <summary><c>webhook-id</c>, <c>webhook-timestamp</c> and <c>webhook-signature</c>, as by standardwebhooks.com.</summary>
    [JsonStringEnumMemberName("standard-webhooks")]
    StandardWebhooks,

    /// <summary><c>X-Hub-Signature-256</c>, as by GitHub.</summary>
    [JsonStringEnumMemberName("github")]
    GitHub,

    /// <summary><c>Authorization: Bearer SECRET</c>.</summary>
    [JsonStringEnumMemberName("bearer")]
    Bearer,

    /// <summary><c>X-Slack-Signature</c> over time and body, with the app's signing secret.</summary>
    [JsonStringEnumMemberName("slack")]
    Slack,

    /// <summary><c>Stripe-Signature</c> over time and body, with the endpoint's signing secret.</summary>
    [JsonStringEnumMemberName("stripe")]
    Stripe,

    /// <summary><c>X-Gitlab-Token</c>: the secret itself.</summary>
    [JsonStringEnumMemberName("gitlab")]
    GitLab,

    /// <summary>None: anyone who knows the address can start runs.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}
