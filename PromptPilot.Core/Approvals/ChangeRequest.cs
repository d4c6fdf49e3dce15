using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Approvals;

/// <summary>The state of a change request.</summary>
public enum ChangeStatus
{
    Open,

    /// <summary>Approved, and done in the transaction of the last approval.</summary>
    Applied,

    Rejected,
    Withdrawn,

    /// <summary>Done by an admin without what the protection asks for, with a reason.</summary>
    Overridden,

    /// <summary>Another change was made first.</summary>
    Outdated,
}

/// <summary>
/// A protected label's move, or a protected publishing, that waits for approval. It never names anything else than at first.
/// </summary>
public sealed class ChangeRequest
{
    public string Id { get; set; } = Ids.New();

    public string? PromptId { get; set; }

    public string? Label { get; set; }

    public string? WorkflowId { get; set; }

    /// <summary>Id of the PromptVersion or WorkflowVersion that was there when it was asked for; null: none.</summary>
    public string? From { get; set; }

    /// <summary>Id of the PromptVersion that the label is to be on, or the hash of the definition that is to be published.</summary>
    public required string To { get; set; }

    /// <summary>Id of the WorkflowVersion that it made.</summary>
    public string? WorkflowVersionId { get; set; }

    /// <summary>Why, in the words of the person who asked; may be empty.</summary>
    public string Note { get; set; } = "";

    public string? RequestedBy { get; set; }

    public DateTime RequestedAt { get; set; }

    /// <summary>The person who made the version, or who edited the draft last. They cannot approve it.</summary>
    public string? AuthorId { get; set; }

    public string? ExperimentId { get; set; }

    public ChangeStatus Status { get; set; }

    public string? ClosedBy { get; set; }

    public DateTime? ClosedAt { get; set; }

    /// <summary>Of a rejection or an override.</summary>
    public string? Reason { get; set; }

    public int Revision { get; set; } = 1;

    internal GateMove Move => new(PromptId, Label, WorkflowId, From, To);
}

/// <summary>What an entry of a change request is.</summary>
public enum ChangeEntryKind
{
    Comment,
    Approval,
}

/// <summary>A comment on a change request, or an approval of it: one per person, which counts while they may approve.</summary>
public sealed class ChangeEntry
{
    public string Id { get; set; } = Ids.New();

    public required string ChangeRequestId { get; set; }

    public ChangeEntryKind Kind { get; set; }

    public string? UserId { get; set; }

    public string Text { get; set; } = "";

    public DateTime At { get; set; }
}
