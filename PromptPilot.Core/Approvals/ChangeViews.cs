using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Approvals;

/// <summary>What became of moving a label.</summary>
/// <param name="Label">Where it is now; null when it is protected and was only asked for.</param>
/// <param name="ChangeRequestId">The request that waits for approval; null when the label was moved.</param>
public sealed record LabelChange(PromptLabelItem? Label, string? ChangeRequestId);

/// <summary>What became of publishing a workflow.</summary>
/// <param name="Workflow">As it is now; null when it is protected and was only asked for.</param>
/// <param name="ChangeRequestId">The request that waits for approval; null when it was published.</param>
public sealed record PublishChange(WorkflowView? Workflow, string? ChangeRequestId);

/// <summary>What an approval came to.</summary>
/// <param name="IsApplied">It was the last one, and the change was made.</param>
public sealed record ApprovalOutcome(bool IsApplied);

/// <summary>Filter of the list of change requests; null means any.</summary>
public sealed record ChangeFilter(ChangeStatus? Status = null, string? PromptId = null, string? WorkflowId = null);

/// <summary>A change request in a list.</summary>
/// <param name="Label">The label that is to move; absent for the publishing of a workflow.</param>
/// <param name="Name">Of the prompt or workflow.</param>
/// <param name="FromVersion">What was there; absent: nothing.</param>
/// <param name="ToVersion">What is asked for; absent: the draft of a workflow.</param>
/// <param name="Reason">Of a rejection or an override.</param>
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
/// <param name="Counts">False when the person may no longer approve.</param>
public sealed record ChangeApproval(string? UserId, string? By, DateTime At, bool Counts);

/// <summary>A comment.</summary>
public sealed record ChangeComment(string Id, string? UserId, string? By, string Text, DateTime At);

/// <summary>A change request.</summary>
/// <param name="Change">What it is about, and its state.</param>
/// <param name="IsOutdated">It is open, and what it would change has changed since.</param>
/// <param name="RequestedById">The user who asked.</param>
/// <param name="AuthorId">The user who made the version, or edited the draft last.</param>
/// <param name="ExperimentId">What the protection's test set said about it; absent: none.</param>
/// <param name="Protection">What it needs; absent when nothing protects its target any longer.</param>
/// <param name="Missing">What it lacks, in sentences; empty when closed.</param>
/// <param name="WhyNot">Why the asker cannot approve it; absent when they can.</param>
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

/// <summary>A protection, as sent.</summary>
/// <param name="ModelProfileId">The profile that the experiment calls; needed with a test set.</param>
/// <param name="MinPassPercent">0 to 100.</param>
public sealed record ProtectionContent(string? TestSetId, string? ModelProfileId, int MinPassPercent, int MaxRegressions, int Approvals);

/// <summary>What a label or the publishing of a workflow needs before it changes.</summary>
/// <param name="Label">Absent for a workflow.</param>
/// <param name="TestSetId">Absent: approvals are enough.</param>
public sealed record ProtectionView(
    string? Label,
    string? TestSetId,
    string? TestSetName,
    string? ModelProfileId,
    string? ModelProfileName,
    int MinPassPercent,
    int MaxRegressions,
    int Approvals,
    string? UpdatedBy,
    DateTime UpdatedAt
);
