using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows;

/// <summary>The kind of a trigger.</summary>
public enum TriggerType
{
    Manual,
    Scheduled,
    Webhook,
}

/// <summary>
/// A trigger that starts runs of a workflow. Each workflow is created with one manual trigger; while that is disabled, people and the API
/// cannot start runs.
/// </summary>
public sealed class Trigger : IRevised
{
    public string Id { get; set; } = Ids.New();

    public required string WorkflowId { get; set; }

    public TriggerType Type { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>Inputs for the run, by name.</summary>
    public Dictionary<string, JsonElement> Inputs { get; set; } = [];

    /// <summary>Set for a scheduled trigger. Null for an imported one that is not completed yet and cannot be enabled.</summary>
    public ScheduleSettings? Schedule { get; set; }

    /// <summary>For a scheduled trigger, the time it is due next. Null while paused and after its last firing.</summary>
    public DateTime? NextAt { get; set; }

    /// <summary>For a scheduled trigger, the time of the newest due firing, whatever its outcome.</summary>
    public DateTime? LastFiredAt { get; set; }

    /// <summary>Set for a webhook trigger. Null for an imported one that is not completed yet and cannot be enabled.</summary>
    public WebhookSettings? Webhook { get; set; }

    public DateTime CreatedAt { get; set; }

    public int Revision { get; set; } = 1;
}
