namespace PromptPilot.Core.Audit;

/// <summary>The filter of entries; null or empty means any.</summary>
/// <param name="ActorId">A person, also through their keys and triggers.</param>
/// <param name="Text">A part of a name or an address, or a whole id.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC, not included.</param>
public sealed record AuditFilter(
    string? ActorId = null,
    AuditAction? Action = null,
    string? Kind = null,
    string? Text = null,
    DateTime? From = null,
    DateTime? To = null
);

/// <summary>An entry of the log as shown.</summary>
public sealed record AuditItem(
    long Sequence,
    DateTime At,
    AuditActorKind ActorKind,
    string? ActorId,
    string ActorName,
    string? ApiKeyName,
    AuditAction Action,
    string Kind,
    string? SubjectId,
    string SubjectName,
    string? RemoteAddress,
    string? UserAgent,
    IReadOnlyList<AuditChange> Changes
);

/// <summary>The log as a file.</summary>
/// <param name="Content">CSV in UTF-8.</param>
public sealed record AuditFile(string Name, byte[] Content);
