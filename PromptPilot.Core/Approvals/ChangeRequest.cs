using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Approvals;

/// <summary>The state of a change request.</summary>
public enum ChangeStatus
{
    Open,

    /// <summary>Approved. The change was made in the transaction of the last approval.</summary>
    Applied,

    Rejected,
    Withdrawn,

    /// <summary>Made by an admin without meeting the protection, with a reason.</summary>
    Overridden,

    /// <summary>Another change was made first.</summary>
    Outdated,
}

/// <summary>
/// A protected label move or publishing that waits for approval. What it asks for never changes.
/// </summary>
public sealed class ChangeRequest
{
    public string Id { get; set; } = Ids.New();

    public string? PromptId { get; set; }

    public string? Label { get; set; }

    public string? WorkflowId { get; set; }

    /// <summary>Id of the PromptVersion or WorkflowVersion at the time of the request; null: none.</summary>
    public string? From { get; set; }

    /// <summary>Id of the PromptVersion to move the label to, or the hash of the definition to publish.</summary>
    public required string To { get; set; }

    /// <summary>Id of the WorkflowVersion it created.</summary>
    public string? WorkflowVersionId { get; set; }

    /// <summary>The requester's reason; can be empty.</summary>
    public string Note { get; set; } = "";

    public string? RequestedBy { get; set; }

    public DateTime RequestedAt { get; set; }

    /// <summary>The person who created the version or last edited the draft. They cannot approve it.</summary>
    public string? AuthorId { get; set; }

    public string? ExperimentId { get; set; }

    public ChangeStatus Status { get; set; }

    public string? ClosedBy { get; set; }

    public DateTime? ClosedAt { get; set; }

    /// <summary>Why it was rejected or overridden.</summary>
    public string? Reason { get; set; }

    public int Revision { get; set; } = 1;

    internal GateMove Move => new(PromptId, Label, WorkflowId, From, To);
}

/// <summary>The kind of entry on a change request.</summary>
public enum ChangeEntryKind
{
    Comment,
    Approval,
}

/// <summary>A comment or approval on a change request. A person has at most one approval, which counts while they may approve.</summary>
public sealed class ChangeEntry
{
    public string Id { get; set; } = Ids.New();

    public required string ChangeRequestId { get; set; }

    public ChangeEntryKind Kind { get; set; }

    public string? UserId { get; set; }

    public string Text { get; set; } = "";

    public DateTime At { get; set; }
}
