using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Notifications;

/// <summary>The kind of a notification.</summary>
public enum NotificationKind
{
    /// <summary>An output waits for a review.</summary>
    Review,

    /// <summary>A run that a schedule or webhook started has failed.</summary>
    RunFailed,

    /// <summary>A schedule can no longer work.</summary>
    ScheduleBroken,

    /// <summary>A hook was disabled, since its receiver wants nothing more.</summary>
    HookDisabled,

    /// <summary>An import is through.</summary>
    Imported,

    /// <summary>A change request waits for approval.</summary>
    Approval,

    /// <summary>A change that the reader requested was decided.</summary>
    ChangeDecided,

    /// <summary>A model profile is failing, and steps use a fallback.</summary>
    ModelOutage,

    /// <summary>The provider shuts down a model that the reader's workflows use.</summary>
    ModelEnding,
}

/// <summary>Something that concerns one person.</summary>
public sealed class Notification
{
    public string Id { get; set; } = Ids.New();

    public required string UserId { get; set; }

    public NotificationKind Kind { get; set; }

    public required string Title { get; set; }

    /// <summary>Why, and what to do; empty when the title says it all.</summary>
    public string Cause { get; set; } = "";

    /// <summary>Path of the page that shows it.</summary>
    public required string Link { get; set; }

    /// <summary>The time it happened, not the time it was noticed.</summary>
    public DateTime CreatedAt { get; set; }

    public DateTime? ReadAt { get; set; }

    /// <summary>
    /// The fact it was created from: unique per user, so that a fact that is seen again, e.g. after a crash, does not notify twice.
    /// </summary>
    public required string FactKey { get; set; }

    /// <summary>Failures with the same cause notify once an hour; null: every time.</summary>
    public string? CauseKey { get; set; }

    /// <summary>The time at which it is due to be e-mailed; null: never, or not again.</summary>
    public DateTime? MailDueAt { get; set; }

    public int MailAttempts { get; set; }
}
