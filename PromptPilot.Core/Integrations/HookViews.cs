using PromptPilot.Core.Runs;

namespace PromptPilot.Core.Integrations;

/// <summary>A hook as an author enters it.</summary>
/// <param name="Name">Null: made from its kind and address.</param>
/// <param name="TargetUrl">Where it goes: an address, <c>mailto:…</c>; of a stored one that is secret, null or what is shown of it keeps
/// the address.</param>
/// <param name="AuthToken">The secret that signs webhooks: null keeps the stored one, or makes one for a new hook.</param>
/// <param name="Outputs">Null: all.</param>
public sealed record HookContent(
    HookType Type,
    string? Name,
    string? TargetUrl,
    string? AuthToken,
    IReadOnlyList<HookEvent> On,
    IReadOnlyList<string>? Outputs,
    bool Enabled = true
)
{
    /// <summary>For a webhook: its body as a template; null or blank: the usual one. See <see cref="Bodies.BodyPresets"/>.</summary>
    public string? Body { get; init; }
}

/// <summary>A hook as it may be seen: no secret.</summary>
/// <param name="TargetUrl">The address, or where it is a secret, only its beginning.</param>
/// <param name="DisabledReason">Why PromptPilot disabled it; null if a person did.</param>
public sealed record HookView(
    string Id,
    string Name,
    HookType Type,
    string TargetUrl,
    bool HasSecret,
    string WorkflowId,
    string WorkflowName,
    IReadOnlyList<HookEvent> On,
    IReadOnlyList<string>? Outputs,
    bool Enabled,
    string? DisabledReason,
    DateTime CreatedAt,
    int Revision
)
{
    public string? Body { get; init; }

    /// <summary>Only the beginning of the address is shown.</summary>
    public bool HasSecretAddress { get; init; }

    internal static HookView Of(IntegrationHook hook, string workflowName) =>
        new(
            hook.Id,
            hook.Name,
            hook.Type,
            hook.TargetUrl,
            hook.AuthToken is not null,
            hook.LinkedWorkflowId,
            workflowName,
            hook.On,
            hook.Outputs,
            hook.Enabled,
            hook.DisabledReason,
            hook.CreatedAt,
            hook.Revision
        )
        {
            Body = hook.Body,
            HasSecretAddress = hook.SecretUrl is not null,
        };
}

/// <summary>A hook, and its secret in clear where it was made just now.</summary>
public sealed record HookWithSecret(HookView Hook, string? Secret);

/// <summary>Which hooks a list shows.</summary>
/// <param name="Search">Part of the name, the address or the workflow's name.</param>
public sealed record HookFilter(string? Search = null, string? WorkflowId = null, HookType? Type = null);

/// <summary>A hook in a list.</summary>
/// <param name="LastAt">When the newest delivery was made.</param>
/// <param name="Waiting">Deliveries to be tried (again).</param>
public sealed record HookListItem(
    string Id,
    string Name,
    HookType Type,
    string TargetUrl,
    string WorkflowId,
    string WorkflowName,
    bool Enabled,
    string? DisabledReason,
    DateTime? LastAt,
    DeliveryState? LastState,
    int Waiting
);

/// <summary>Which deliveries a list shows; null shows all.</summary>
public sealed record DeliveryFilter(string? HookId = null, string? RunId = null, DeliveryState? State = null);

/// <summary>A delivery in a list.</summary>
/// <param name="RunStatus">Null if there is no run, or it was deleted.</param>
public sealed record DeliveryItem(
    string Id,
    string HookId,
    string HookName,
    string? RunId,
    RunStatus? RunStatus,
    HookEvent? Event,
    DeliveryState State,
    int Attempts,
    DateTime CreatedAt,
    DateTime? NextAttemptAt,
    DateTime? EndedAt,
    AttemptVerdict? LastVerdict,
    int? LastStatus,
    string? LastError
)
{
    /// <summary>The change request that it reports; null for a run or a test.</summary>
    public string? ChangeRequestId { get; init; }
}

/// <summary>A delivery with all its attempts.</summary>
/// <param name="Payload">The message as JSON.</param>
public sealed record DeliveryView(DeliveryItem Delivery, string Payload, IReadOnlyList<HookAttempt> Attempts);
