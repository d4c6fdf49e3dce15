using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Approvals;

/// <summary>The result of moving a label.</summary>
/// <param name="Label">The moved label; null if a change request was created instead.</param>
/// <param name="ChangeRequestId">The new change request; null if the label was moved.</param>
public sealed record LabelChange(PromptLabelItem? Label, string? ChangeRequestId);

/// <summary>The result of publishing a workflow.</summary>
/// <param name="Workflow">The published workflow; null if a change request was created instead.</param>
/// <param name="ChangeRequestId">The new change request; null if the workflow was published.</param>
public sealed record PublishChange(WorkflowView? Workflow, string? ChangeRequestId);

/// <summary>The result of an approval.</summary>
/// <param name="IsApplied">True if it was the last one and the change was made.</param>
public sealed record ApprovalOutcome(bool IsApplied);

/// <summary>Filter of the list of change requests; null means any.</summary>
public sealed record ChangeFilter(ChangeStatus? Status = null, string? PromptId = null, string? WorkflowId = null);

/// <summary>A change request in a list.</summary>
/// <param name="Label">The label to move; absent for publishing a workflow.</param>
/// <param name="Name">The name of the prompt or workflow.</param>
/// <param name="FromVersion">The version before; absent: none.</param>
/// <param name="ToVersion">The requested version; absent: the draft of a workflow.</param>
/// <param name="Reason">Why it was rejected or overridden.</param>
public sealed record ChangeListItem(
    string Id,
    ChangeStatus Status,
    string? PromptId,
    string? Label,
    string? WorkflowId,
    string Name,
    string? FromVersion,
    string? ToVersion,
    string? RequestedBy,
    DateTime RequestedAt,
    string? ClosedBy,
    DateTime? ClosedAt,
    string? Reason
);

/// <summary>An approval.</summary>
/// <param name="Counts">False if the person may no longer approve.</param>
public sealed record ChangeApproval(string? UserId, string? By, DateTime At, bool Counts);

/// <summary>A comment.</summary>
public sealed record ChangeComment(string Id, string? UserId, string? By, string Text, DateTime At);

/// <summary>A change request.</summary>
/// <param name="Change">Target and status.</param>
/// <param name="IsOutdated">True if it is open but its target has changed since.</param>
/// <param name="RequestedById">The user who requested it.</param>
/// <param name="AuthorId">The user who created the version or last edited the draft.</param>
/// <param name="ExperimentId">The experiment on the protection's test set; absent: none.</param>
/// <param name="Protection">Its requirements; absent if the target is no longer protected.</param>
/// <param name="Missing">The unmet requirements, as sentences; empty when closed.</param>
/// <param name="WhyNot">Why the reader cannot approve it; absent if they can.</param>
public sealed record ChangeView(
    ChangeListItem Change,
    bool IsOutdated,
    string Note,
    string? RequestedById,
    string? AuthorId,
    string? Author,
    string? ExperimentId,
    ProtectionView? Protection,
    IReadOnlyList<string> Missing,
    string? WhyNot,
    IReadOnlyList<ChangeApproval> Approvals,
    IReadOnlyList<ChangeComment> Comments
);

/// <summary>The fields of a protection, as sent.</summary>
/// <param name="ModelProfileId">The profile the experiment calls. Required with a test set.</param>
/// <param name="MinPassPercent">0 to 100.</param>
public sealed record ProtectionContent(string? TestSetId, string? ModelProfileId, int MinPassPercent, int MaxRegressions, int Approvals);

/// <summary>The requirements for moving a label or publishing a workflow.</summary>
/// <param name="Label">Absent for a workflow.</param>
/// <param name="TestSetId">Absent: approvals are enough.</param>
/// <param name="SetChanges">What changed in the test set since the protection was set, as sentences.</param>
public sealed record ProtectionView(
    string? PromptId,
    string? WorkflowId,
    string? Label,
    string? TestSetId,
    string? TestSetName,
    string? ModelProfileId,
    string? ModelProfileName,
    int MinPassPercent,
    int MaxRegressions,
    int Approvals,
    string? UpdatedBy,
    DateTime UpdatedAt,
    IReadOnlyList<string> SetChanges
);
