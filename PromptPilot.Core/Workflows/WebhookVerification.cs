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

    /// <summary>None: anyone who knows the address can start runs.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}
