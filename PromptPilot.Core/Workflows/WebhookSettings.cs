namespace PromptPilot.Core.Workflows;

/// <summary>The settings of a webhook trigger: how it verifies its sender, and how it maps requests to inputs.</summary>
public sealed class WebhookSettings
{
    public WebhookVerification Verification { get; set; }

    /// <summary>Input of the workflow → Liquid expression over the key <c>trigger</c>.</summary>
    public Dictionary<string, string> InputMapping { get; set; } = [];

    /// <summary>True when a sender may wait for the outputs or have them streamed. Otherwise it gets the run's id only.</summary>
    public bool Answers { get; set; }

    /// <summary>Encrypted by the keys of the host.</summary>
    public string? Secret { get; set; }

    /// <summary>Encrypted; valid beside <see cref="Secret"/> until <see cref="PreviousSecretUntil"/>.</summary>
    public string? PreviousSecret { get; set; }

    public DateTime? PreviousSecretUntil { get; set; }
}
