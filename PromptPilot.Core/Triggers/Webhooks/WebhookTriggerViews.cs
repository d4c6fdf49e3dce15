using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>The filter of webhook triggers; null means all.</summary>
/// <param name="Text">A part of the workflow's name, or of the id, which is in the trigger's address.</param>
public sealed record WebhookFilter(string? Text = null, bool? Enabled = null);

/// <summary>A webhook trigger in a list.</summary>
/// <param name="Verification">Null for one that came by import and was never completed.</param>
public sealed record WebhookListItem(
    string Id,
    string WorkflowId,
    string WorkflowName,
    WorkflowStatus WorkflowStatus,
    bool Enabled,
    WebhookVerification? Verification,
    DateTime? LastReceivedAt,
    WebhookVerdict? LastVerdict
);

/// <summary>A webhook trigger with what its page needs of the workflow.</summary>
/// <param name="Inputs">The inputs of the published version, or of the draft as long as none is published.</param>
public sealed record WebhookView(Trigger Trigger, string WorkflowName, WorkflowStatus WorkflowStatus, IReadOnlyList<WorkflowInput> Inputs);
