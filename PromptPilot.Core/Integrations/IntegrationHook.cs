using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations;

/// <summary>The ways to deliver a result.</summary>
public enum HookType
{
    /// <summary>A POST signed by Standard Webhooks.</summary>
    Webhook,

    /// <summary>A message to a Slack channel, by an incoming webhook.</summary>
    Slack,

    /// <summary>A mail to one address.</summary>
    Email,
}

/// <summary>The events of a run that a hook can report.</summary>
public enum HookEvent
{
    Succeeded,

    /// <summary>Failed or timed out. A cancelled run is not reported: the person who cancelled it knows.</summary>
    Failed,

    /// <summary>An output waits for a person's review.</summary>
    Waiting,

    /// <summary>A change of the workflow, or of a protected label that it follows, waits for approval.</summary>
    ChangeRequested,

    ChangeApproved,
    ChangeRejected,
    ChangeWithdrawn,

    /// <summary>The change was made.</summary>
    ChangeApplied,
}

/// <summary>An outbound destination of a workflow's results.</summary>
public sealed class IntegrationHook : IRevised
{
    public string Id { get; set; } = Ids.New();

    public required string Name { get; set; }

    /// <summary>The name in capitals: what lists are ordered and searched by.</summary>
    public required string NormalizedName { get; set; }

    public HookType Type { get; set; }

    /// <summary>
    /// Where it goes, as it is shown: an address, <c>mailto:…</c>, or the beginning of an address that is a secret: Slack's, and that of a
    /// webhook with a body of its own.
    /// </summary>
    public required string TargetUrl { get; set; }

    /// <summary>The whole address where it is a secret, encrypted by Data Protection.</summary>
    public string? SecretUrl { get; set; }

    /// <summary>Encrypted by Data Protection; the secret that signs webhook deliveries.</summary>
    public string? AuthToken { get; set; }

    /// <summary>For a webhook: the body that its receiver expects, JSON as a Liquid template. Null: the usual one.</summary>
    public string? Body { get; set; }

    public required string LinkedWorkflowId { get; set; }

    public List<HookEvent> On { get; set; } = [];

    /// <summary>The output keys that go into a delivery; null: all of them.</summary>
    public List<string>? Outputs { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>Why PromptPilot disabled it; null if it is enabled or a person disabled it.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>Id of the User.</summary>
    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }

    public int Revision { get; set; } = 1;
}
