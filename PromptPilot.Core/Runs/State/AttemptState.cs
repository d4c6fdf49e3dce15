using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.State;

/// <summary>Names one attempt of a run.</summary>
internal readonly record struct AttemptKey(string StepId, int? ItemIndex, int Attempt);

/// <summary>One attempt of a step. While <paramref name="EndedAt"/> is null it streams.</summary>
/// <param name="LogId">Id of the ExecutionLog, once ended. Feedback refers to it.</param>
/// <param name="Text">Partial while streaming, whole afterwards.</param>
/// <param name="Cost">Cost in nano-USD.</param>
public sealed record AttemptState(
    int Attempt,
    int? ItemIndex,
    string? LogId,
    DateTime StartedAt,
    DateTime? EndedAt,
    ExecutionStatus? Status,
    ErrorCode? ErrorCode,
    string? ErrorMessage,
    string? ModelUsed,
    bool Truncated,
    int InputTokens,
    int OutputTokens,
    long Cost,
    long? DurationMs,
    long? FirstTokenMs,
    string Text
)
{
    /// <summary>The recorded log, once the attempt has ended.</summary>
    public ExecutionLog? Log { get; init; }

    /// <summary>The time at which a failed attempt is retried. Null: no retry.</summary>
    public DateTime? RetryAt { get; init; }

    /// <summary>Id of the fallback profile that was called; null: the step's own profile was.</summary>
    public string? ProfileId { get; init; }

    /// <summary>The name of <see cref="ProfileId"/>.</summary>
    public string? ProfileName { get; init; }

    /// <summary>Why a fallback was called; null when none was.</summary>
    public string? FallbackReason { get; init; }

    /// <summary>Id of the fallback profile that the next attempt calls; null: no switch.</summary>
    public string? NextProfileId { get; init; }

    /// <summary>True when it was made in another run and reused.</summary>
    public bool IsReused { get; init; }

    public bool IsOpen => EndedAt is null;
}
