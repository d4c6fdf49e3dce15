using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Approvals;

/// <summary>What a label of a prompt, or the publishing of a workflow, needs before it changes.</summary>
public sealed class Protection
{
    public const int MaxApprovals = 5;

    public string Id { get; set; } = Ids.New();

    /// <summary>The prompt whose <see cref="Label"/> is protected; null for a workflow.</summary>
    public string? PromptId { get; set; }

    public string? Label { get; set; }

    /// <summary>The workflow whose publishing is protected; null for a label.</summary>
    public string? WorkflowId { get; set; }

    /// <summary>The set that the new version is tried on; null: approvals are enough.</summary>
    public string? TestSetId { get; set; }

    /// <summary>The profile that the experiment calls; null only without a test set, and for workflows, whose steps name theirs.</summary>
    public string? ModelProfileId { get; set; }

    /// <summary>How much of the experiment must pass, in percent: 0 to 100.</summary>
    public int MinPassPercent { get; set; }

    /// <summary>How many cases may come out worse than with what is there now.</summary>
    public int MaxRegressions { get; set; }

    /// <summary>How many people must approve: 1 to <see cref="MaxApprovals"/>.</summary>
    public int Approvals { get; set; } = 1;

    public string? UpdatedBy { get; set; }

    public DateTime UpdatedAt { get; set; }

    public int Revision { get; set; } = 1;
}
