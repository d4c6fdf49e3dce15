using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations;

/// <summary>The state of a delivery.</summary>
public enum DeliveryState
{
    /// <summary>Not yet tried, or to be tried again.</summary>
    Pending,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>Given up: it cannot arrive, or was tried as often as the schedule says.</summary>
    Failed,
}

/// <summary>The outcome of one attempt; it decides about the next.</summary>
public enum AttemptVerdict
{
    Delivered,

    /// <summary>No whole answer in time.</summary>
    Timeout,

    /// <summary>Name not found, connection refused or broken, TLS failed.</summary>
    Unreachable,

    /// <summary>429: the receiver wants a pause.</summary>
    RateLimited,

    /// <summary>5xx, or a mail server's “not now”.</summary>
    ServerError,

    /// <summary>The receiver does not want this message, and would not the next time.</summary>
    Rejected,

    /// <summary>It points elsewhere, where nothing is sent without someone's decision.</summary>
    Redirected,

    /// <summary>410: the receiver wants nothing more. The hook is disabled.</summary>
    Gone,

    /// <summary>The address leads where hooks may not.</summary>
    AddressRefused,

    /// <summary>Something that is needed is not set up: a mail server, or the key that decrypts the secret.</summary>
    NotReady,
}

/// <summary>One message to a hook: a row of the outbox. Its id is stable over all attempts.</summary>
public sealed class HookDelivery
{
    public string Id { get; set; } = Ids.New();

    public required string HookId { get; set; }

    /// <summary>Null for a test, and for a change request. The run may have been deleted meanwhile.</summary>
    public string? RunId { get; set; }

    /// <summary>Null for a test.</summary>
    public HookEvent? Event { get; set; }

    public DeliveryState State { get; set; }

    /// <summary>The message: <see cref="HookPayload"/> as JSON, as it was when it happened.</summary>
    public required string Payload { get; set; }

    /// <summary>The number of attempts.</summary>
    public int Attempts { get; set; }

    /// <summary>The number of failed attempts since it was created or resent manually: its place in the retry schedule.</summary>
    public int Failures { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>The time of the next attempt; null when it was delivered or has failed.</summary>
    public DateTime? NextAttemptAt { get; set; }

    /// <summary>The time it was delivered or given up.</summary>
    public DateTime? EndedAt { get; set; }

    public AttemptVerdict? LastVerdict { get; set; }

    /// <summary>HTTP or SMTP.</summary>
    public int? LastStatus { get; set; }

    public string? LastError { get; set; }
}

/// <summary>One attempt of a delivery, as shown.</summary>
public sealed class HookAttempt
{
    public required string DeliveryId { get; set; }

    /// <summary>1, 2, 3 ….</summary>
    public int Number { get; set; }

    public DateTime At { get; set; }

    public AttemptVerdict Verdict { get; set; }

    /// <summary>HTTP or SMTP status; null without a response.</summary>
    public int? StatusCode { get; set; }

    /// <summary>The result of the attempt, for people.</summary>
    public string Detail { get; set; } = "";

    /// <summary>The beginning of the receiver's answer.</summary>
    public string Excerpt { get; set; } = "";

    public long DurationMs { get; set; }

    /// <summary>The time of the planned next attempt; null: none.</summary>
    public DateTime? NextAttemptAt { get; set; }
}
