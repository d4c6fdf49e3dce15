using System.Text.Json;

namespace PromptPilot.Core.TestSets.Checks;

/// <summary>The kind of a check.</summary>
public enum CheckKind
{
    /// <summary>The output is the text, apart from blanks around it and the kind of line ends.</summary>
    EqualTo,

    /// <summary>The text is in the output.</summary>
    Contains,

    /// <summary>The text is not in the output.</summary>
    NotContains,

    /// <summary>A regular expression finds something in the output.</summary>
    Matches,

    /// <summary>The output is JSON and fits a JSON Schema.</summary>
    Schema,

    /// <summary>A Liquid condition over <c>output</c>, <c>expected</c> and <c>inputs</c> holds.</summary>
    Condition,

    /// <summary>Output tokens, words, cost and duration are within limits.</summary>
    Limit,

    /// <summary>
    /// Another prompt of the portal judges the output, and answers JSON with <c>pass</c>, <c>score</c> and <c>reason</c>.
    /// </summary>
    Judge,
}

/// <summary>A rule that the output of a test case must meet.</summary>
public sealed record Check
{
    /// <summary>Shown in results; empty: made from the rule.</summary>
    public string Name { get; init; } = "";

    public CheckKind Kind { get; init; }

    /// <summary>
    /// The text of <see cref="CheckKind.EqualTo"/>, <see cref="CheckKind.Contains"/> and <see cref="CheckKind.NotContains"/> (null: the
    /// case's expected value), the pattern of <see cref="CheckKind.Matches"/>, the condition of <see cref="CheckKind.Condition"/>.
    /// </summary>
    public string? Value { get; init; }

    /// <summary>Upper and lower case are the same.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>The schema of <see cref="CheckKind.Schema"/>.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>For <see cref="CheckKind.Limit"/>: the most output tokens; null: any.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>For <see cref="CheckKind.Limit"/>: the most words; null: any.</summary>
    public int? MaxWords { get; init; }

    /// <summary>For <see cref="CheckKind.Limit"/>: the maximum cost of a case in USD; null: any.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>For <see cref="CheckKind.Limit"/>: the longest duration in milliseconds; null: any.</summary>
    public long? MaxMilliseconds { get; init; }

    /// <summary>
    /// Of <see cref="CheckKind.Judge"/>: the prompt that judges. It reads <c>output</c>, and <c>expected</c> and <c>inputs</c> where it
    /// wants to, each as JSON, so that no text in them looks like a part of the prompt.
    /// </summary>
    public string? JudgePromptId { get; init; }

    /// <summary>
    /// For <see cref="CheckKind.Judge"/>: a version or label of that prompt; null: the newest at the start of an experiment.
    /// </summary>
    public string? JudgeVersion { get; init; }

    /// <summary>For <see cref="CheckKind.Judge"/>: the model profile it calls.</summary>
    public string? JudgeModelProfileId { get; init; }
}

/// <summary>The input of a check.</summary>
/// <param name="Output">The model's output.</param>
/// <param name="Expected">The case's expected value; null: it has none.</param>
/// <param name="Cost">Cost in nano-USD.</param>
public sealed record CheckSubject(
    string Output,
    string? Expected,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    long OutputTokens,
    long Cost,
    long DurationMs
);

/// <summary>The verdict of a check.</summary>
public enum CheckOutcome
{
    Passed,
    Failed,

    /// <summary>It does not apply to this case, which has no expected value. Neither passed nor failed.</summary>
    Skipped,

    /// <summary>It could not be decided. Not passed.</summary>
    Error,
}

/// <summary>The verdict of a check with its reason.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Reason">One sentence.</param>
public sealed record CheckVerdict(string Name, CheckOutcome Outcome, string Reason);
