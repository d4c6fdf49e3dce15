using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>One request to a webhook trigger, as the inbox shows it.</summary>
public sealed class WebhookReceipt
{
    public string Id { get; set; } = Ids.New();

    public required string TriggerId { get; set; }

    public DateTime ReceivedAt { get; set; }

    public WebhookVerdict Verdict { get; set; }

    /// <summary>The reason as a sentence; empty if a run was started.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The status code of the answer.</summary>
    public int StatusCode { get; set; }

    public string? ContentType { get; set; }

    /// <summary>The headers without secrets.</summary>
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>Without what is named like a secret, and bounded.</summary>
    public string Body { get; set; } = "";

    /// <summary>The body as received.</summary>
    public long BodyBytes { get; set; }

    /// <summary>True if the body was readable and stored completely, so that it can be replayed.</summary>
    public bool IsWhole { get; set; }

    /// <summary>It passed the verification: who sent it knew a secret, or the trigger asks for none.</summary>
    public bool IsAuthentic { get; set; }

    /// <summary>The key that identifies repetitions of the message.</summary>
    public string? MessageKey { get; set; }

    /// <summary>The run that it started, or that had been started by the same message. The run may be gone.</summary>
    public string? RunId { get; set; }

    /// <summary>The request that this one is a replay of.</summary>
    public string? ReplayOf { get; set; }

    /// <summary>Address of the sender, as the host saw it.</summary>
    public string? RemoteAddress { get; set; }
}
