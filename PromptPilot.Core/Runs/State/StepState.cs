using System.Collections.Immutable;
using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>Where a step of a run stands.</summary>
public enum StepStatus
{
    /// <summary>Waits for the steps it reads, or for its next attempt. In a finished run: see <see cref="Cancelled"/>.</summary>
    Pending,
    Running,

    /// <summary>Its output waits for a person.</summary>
    Waiting,
    Succeeded,
    Failed,
    Skipped,

    /// <summary>The run ended before the step did.</summary>
    Cancelled,
}

/// <summary>A step of a run.</summary>
/// <param name="Reads">Output keys of earlier steps it waits for: the edges of the data-flow graph.</param>
/// <param name="Attempts">In the order they started.</param>
public sealed record StepState(
    string StepId,
    string OutputKey,
    int Order,
    string PromptId,
    string PromptName,
    string PromptVersion,
    string ProfileName,
    IReadOnlyList<string> Reads,
    StepStatus Status,
    IReadOnlyList<AttemptState> Attempts
)
{
    public StepOptions Options { get; init; } = new();

    /// <summary>Prompt variable → expression: what flows in.</summary>
    public IReadOnlyDictionary<string, string> InputMapping { get; init; } = new Dictionary<string, string>();

    /// <summary>Of a fan-out, once it began: how many items its list has.</summary>
    public int? ItemCount { get; init; }

    /// <summary>What came of each item; the key is the item's index, or <see cref="WholeStep"/>.</summary>
    internal ImmutableDictionary<int, ItemOutcome> Outcomes { get; init; } = ImmutableDictionary<int, ItemOutcome>.Empty;

    /// <summary>Why it was skipped, or why a default stands in.</summary>
    public string? Reason { get; init; }

    /// <summary>What a person was asked, and said.</summary>
    public ReviewState? Review { get; init; }

    /// <summary>
    /// What the step made: text, JSON, or for a fan-out the list. Flows on once the step has succeeded; until then it waits for a review.
    /// Null while there is none.
    /// </summary>
    public JsonElement? Result { get; init; }

    /// <summary>What flows on to downstream steps; null until the step has succeeded.</summary>
    public JsonElement? Value => Status == StepStatus.Succeeded ? Result : null;

    /// <summary>A default stands in for the output, or for some of its items.</summary>
    public bool IsDefaulted => Outcomes.Values.Any(outcome => outcome.IsDefault);

    /// <summary>The output, or some of its items, was taken over from another run.</summary>
    public bool IsReused => Outcomes.Values.Any(outcome => outcome.IsReused);

    /// <summary>Of a fan-out: how many items have what flows on, be it made, taken over or a default.</summary>
    public int DoneItems => Outcomes.Keys.Count(key => key != WholeStep);

    /// <summary>Whether a default stands in for an item.</summary>
    public bool IsItemDefaulted(int itemIndex) => Outcomes.TryGetValue(itemIndex, out var outcome) && outcome.IsDefault;

    /// <summary>The key of the one outcome of a step that does not fan out.</summary>
    internal const int WholeStep = -1;

    /// <summary>The key of an item's outcome.</summary>
    internal static int KeyOf(int? itemIndex) => itemIndex ?? WholeStep;

    /// <summary>Whether an attempt is in flight.</summary>
    internal bool HasOpenAttempts => Attempts.Any(attempt => attempt.IsOpen);

    /// <summary>When items that failed are called again (UTC); null for those that failed for good.</summary>
    internal IEnumerable<DateTime?> RetryTimes =>
        Attempts.Count == 0
            ? []
            : Attempts
                .GroupBy(attempt => attempt.ItemIndex)
                .Select(attempts => attempts.Last())
                .Where(last => !last.IsOpen && last.Status != ExecutionStatus.Success)
                .Select(last => last.RetryAt);

    /// <summary>How many attempts of an item count: one that a stop of the host interrupted does not.</summary>
    internal int Tries(int? itemIndex) =>
        Attempts.Count(attempt => attempt.ItemIndex == itemIndex && attempt.ErrorCode != ErrorCode.Interrupted);

    /// <summary>Whether an item failed for good in this attempt: it is not repeated, and no default replaces it.</summary>
    internal bool HasFailed(AttemptState attempt) =>
        attempt is { IsOpen: false, RetryAt: null }
        && attempt.Status != ExecutionStatus.Success
        && !Outcomes.ContainsKey(KeyOf(attempt.ItemIndex));

    /// <summary>What flows on, as text: JSON is written out. Null until the step has succeeded.</summary>
    public string? Output() => Value is { } value ? TextOf(value) : null;

    /// <summary>A value as text: a string as it is, anything else as indented JSON.</summary>
    public static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value, Indented);

    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };
}

/// <summary>What came of an item (or of a whole step).</summary>
/// <param name="LogId">The ExecutionLog it comes from; null for a default.</param>
internal sealed record ItemOutcome(JsonElement Value, string? LogId, bool IsDefault = false, bool IsReused = false);

/// <summary>A person's look at a step's output.</summary>
/// <param name="Until">When <see cref="ReviewOptions.OnTimeout"/> becomes the answer; null: never.</param>
/// <param name="Verdict">Null while nobody answered.</param>
/// <param name="By">User who answered; null: the time limit did.</param>
public sealed record ReviewState(
    DateTime AskedAt,
    DateTime? Until,
    ReviewVerdict? Verdict = null,
    string? By = null,
    string? Reason = null,
    DateTime? AnsweredAt = null
)
{
    public bool IsOpen => Verdict is null;
}
