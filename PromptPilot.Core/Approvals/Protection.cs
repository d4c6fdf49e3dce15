using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Approvals;

/// <summary>The requirements for moving a label of a prompt or publishing a workflow.</summary>
public sealed class Protection
{
    public const int MaxApprovals = 5;

    public string Id { get; set; } = Ids.New();

    /// <summary>The prompt whose <see cref="Label"/> is protected; null for a workflow.</summary>
    public string? PromptId { get; set; }

    public string? Label { get; set; }

    /// <summary>The workflow whose publishing is protected; null for a label.</summary>
    public string? WorkflowId { get; set; }

    /// <summary>The test set for the new version; null: approvals are enough.</summary>
    public string? TestSetId { get; set; }

    /// <summary>The profile the experiment calls. Null without a test set, and for workflows, whose steps have their own.</summary>
    public string? ModelProfileId { get; set; }

    /// <summary>The share of calls that must pass, in percent: 0 to 100.</summary>
    public int MinPassPercent { get; set; }

    /// <summary>The most cases that may have a worse result than with the current version.</summary>
    public int MaxRegressions { get; set; }

    /// <summary>The number of people who must approve: 1 to <see cref="MaxApprovals"/>.</summary>
    public int Approvals { get; set; } = 1;

    public string? UpdatedBy { get; set; }

    public DateTime UpdatedAt { get; set; }

    public int Revision { get; set; } = 1;
}
