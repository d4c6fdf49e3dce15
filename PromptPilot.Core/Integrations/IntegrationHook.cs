using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations;

/// <summary>How a result is delivered.</summary>
public enum HookType
{
    Webhook,
    Slack,
    Email,
}

/// <summary>What happened to a run, for a hook to tell.</summary>
public enum HookEvent
{
    Succeeded,
    Failed,
    Waiting,
}

/// <summary>An outbound destination of a workflow's results.</summary>
public sealed class IntegrationHook
{
    public string Id { get; set; } = Ids.New();

    public HookType Type { get; set; }

    public required string TargetUrl { get; set; }

    /// <summary>Encrypted by Data Protection; the secret that signs webhook deliveries.</summary>
    public string? AuthToken { get; set; }

    public required string LinkedWorkflowId { get; set; }

    public List<HookEvent> On { get; set; } = [];

    /// <summary>The output keys that go into a delivery.</summary>
    public List<string> Outputs { get; set; } = [];

    public bool Enabled { get; set; } = true;

    public DateTime CreatedAt { get; set; }

    public int Revision { get; set; } = 1;
}

/// <summary>One message to a hook. Its id is stable over all attempts.</summary>
public sealed class HookDelivery
{
    public string Id { get; set; } = Ids.New();

    public required string HookId { get; set; }

    public required string RunId { get; set; }

    public HookEvent Event { get; set; }

    public int Attempts { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When it is tried next; null when it is done, one way or the other.</summary>
    public DateTime? NextAttemptAt { get; set; }

    public DateTime? DeliveredAt { get; set; }

    public string? LastError { get; set; }
}
