using System.Collections.Immutable;
using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>The status of a step of a run.</summary>
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
/// <param name="Attempts">In start order.</param>
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
    private readonly AttemptList _attempts = AttemptList.Of(Attempts);

    /// <summary>In start order.</summary>
    public IReadOnlyList<AttemptState> Attempts
    {
        get => _attempts;
        init => _attempts = AttemptList.Of(value);
    }

    public StepOptions Options { get; init; } = new();

    /// <summary>The input mapping: prompt variable → expression.</summary>
    public IReadOnlyDictionary<string, string> InputMapping { get; init; } = new Dictionary<string, string>();

    /// <summary>Once a list is expanded: the number of its items.</summary>
    public int? ItemCount { get; init; }

    /// <summary>The outcome of each item; the key is the item's index, or <see cref="WholeStep"/>.</summary>
    internal ImmutableDictionary<int, ItemOutcome> Outcomes { get; init; } = ImmutableDictionary<int, ItemOutcome>.Empty;

    /// <summary>Once a list is expanded: the first item with neither an attempt nor an outcome; the item count if all have one.</summary>
    internal int NextItem { get; init; }

    /// <summary>The reason why it was skipped, or why a default is used.</summary>
    public string? Reason { get; init; }

    /// <summary>The review, with its answer once there is one.</summary>
    public ReviewState? Review { get; init; }

    /// <summary>
    /// The step's result: text, JSON, or for a fan-out the list. Until the step has succeeded it waits for a review.
    /// Null while there is none.
    /// </summary>
    public JsonElement? Result { get; init; }

    /// <summary>The value that later steps read; null until the step has succeeded.</summary>
    public JsonElement? Value => Status == StepStatus.Succeeded ? Result : null;

    /// <summary>True when a default replaces the output or some of its items.</summary>
    public bool IsDefaulted => Outcomes.Values.Any(outcome => outcome.IsDefault);

    /// <summary>True when the output or some of its items were reused from another run.</summary>
    public bool IsReused => Outcomes.Values.Any(outcome => outcome.IsReused);

    /// <summary>For a list: the number of items with a new, reused or default result.</summary>
    public int DoneItems => Outcomes.Keys.Count(key => key != WholeStep);

    /// <summary>The key of the one outcome of a step that does not fan out.</summary>
    internal const int WholeStep = -1;

    /// <summary>The key of an item's outcome.</summary>
    internal static int KeyOf(int? itemIndex) => itemIndex ?? WholeStep;

    /// <summary>True when an attempt is in flight.</summary>
    internal bool HasOpenAttempts => _attempts.OpenCount > 0;

    /// <summary>The attempts in flight, in start order.</summary>
    public IEnumerable<AttemptState> OpenAttempts => _attempts.Open;

    /// <summary>The attempts, with indexes for the decisions.</summary>
    internal AttemptList Calls => _attempts;

    /// <summary>The value that later steps read, as text: JSON is written out. Null until the step has succeeded.</summary>
    public string? Output() => Value is { } value ? TextOf(value) : null;

    /// <summary>A value as text: strings unchanged, anything else as indented JSON.</summary>
    public static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value, Indented);

    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };
}

/// <summary>The outcome of an item or of a whole step.</summary>
/// <param name="LogId">The ExecutionLog it comes from; null for a default.</param>
internal sealed record ItemOutcome(JsonElement Value, string? LogId, bool IsDefault = false, bool IsReused = false);

/// <summary>A person's review of a step's output.</summary>
/// <param name="Until">The time at which <see cref="ReviewOptions.OnTimeout"/> becomes the answer; null: never.</param>
/// <param name="Verdict">Null until it is answered.</param>
/// <param name="By">User who answered; null: the timeout did.</param>
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
