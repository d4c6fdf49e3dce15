using System.ComponentModel.DataAnnotations.Schema;

namespace PromptPilot.Core.Audit;

/// <summary>The kind of change.</summary>
public enum AuditAction
{
    Created,
    Changed,
    Deleted,
    SignedIn,
    SignInFailed,
    LockedOut,
    SignedOut,

    /// <summary>An API key acted for the first time.</summary>
    FirstUsed,
    Exported,
}

/// <summary>The actor of a change.</summary>
public enum AuditActorKind
{
    Person,
    ApiKey,

    /// <summary>A trigger, in the name of its workflow's owner.</summary>
    Trigger,

    /// <summary>The host itself.</summary>
    System,

    /// <summary>An unknown actor, e.g. before a sign-in.</summary>
    Nobody,
}

/// <summary>One property, before and after, as text. For a secret, only whether it was set, changed or removed.</summary>
public sealed record AuditChange(string Field, string? Before, string? After);

/// <summary>
/// One line of the audit log. Nothing changes or deletes it: see <see cref="AuditTable"/>. Names are those of the moment, so that it can be
/// read when everyone in it is gone.
/// </summary>
public sealed class AuditEntry
{
    /// <summary>Counts up; given by the database.</summary>
    public long Sequence { get; set; }

    public DateTime At { get; set; }

    public AuditActorKind ActorKind { get; set; }

    /// <summary>The person who acted, or for whom a key or trigger did.</summary>
    public string? ActorId { get; set; }

    public string ActorName { get; set; } = "";

    public string? ApiKeyId { get; set; }

    public string? ApiKeyName { get; set; }

    public AuditAction Action { get; set; }

    /// <summary>The kind of item, as <see cref="AuditCatalog"/> calls it.</summary>
    public required string Kind { get; set; }

    public string? SubjectId { get; set; }

    public string SubjectName { get; set; } = "";

    /// <summary>The address it came from; null for the host itself.</summary>
    public string? RemoteAddress { get; set; }

    public string? UserAgent { get; set; }

    public List<AuditChange> Changes { get; set; } = [];

    /// <summary>Made from a changed row by <see cref="AuditInterceptor"/>: made again when the same context saves again.</summary>
    [NotMapped]
    internal bool IsDerived { get; init; }

    /// <summary>An event without a changed row. Actor, time and origin are added when it is saved.</summary>
    internal static AuditEntry Of(
        AuditAction action,
        string kind,
        string? subjectId,
        string subjectName,
        params IReadOnlyList<AuditChange> changes
    ) =>
        new()
        {
            Action = action,
            Kind = kind,
            SubjectId = subjectId,
            SubjectName = subjectName,
            Changes = [.. changes],
        };
}
