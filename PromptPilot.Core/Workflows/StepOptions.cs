using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows;

/// <summary>The effect of a failed step or item on its run.</summary>
public enum OnError
{
    Fail,

    /// <summary>Continues with <see cref="StepOptions.DefaultOutput"/>.</summary>
    Default,
}

/// <summary>The format of a step's output.</summary>
public enum OutputFormat
{
    Text,

    /// <summary>Parsed, so that downstream expressions can take paths of it.</summary>
    Json,
}

/// <summary>The options of a step. Any combination works.</summary>
public sealed record StepOptions
{
    public const int MostAttempts = 5;
    public const int DefaultAttempts = 3;
    public const int MostParallelItems = 32;
    public const int DefaultParallelItems = 4;
    public const int LongestTimeoutSeconds = 86_400;

    /// <summary>
    /// A Liquid condition as in <c>{% if %}</c>, e.g. <c>sentiment == 'negative'</c>; false: the step is skipped. Null: it always runs.
    /// </summary>
    public string? When { get; init; }

    /// <summary>
    /// An expression that gives a list: one call an item, with <c>item</c> and <c>index</c> (from 0) as keys; the output is a list in the
    /// same order. Null: one call.
    /// </summary>
    public string? ForEach { get; init; }

    /// <summary>The most items that are called at the same time, 1 to 32; null: 4.</summary>
    public int? MaxParallelItems { get; init; }

    /// <summary>The most attempts per call if a retry can help, 1 to 5; null: 3.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>The most one attempt may take, in seconds; null: the model profile's limit.</summary>
    public int? TimeoutSeconds { get; init; }

    public OnError OnError { get; init; }

    /// <summary>
    /// What replaces the output (with <see cref="ForEach"/>: for the item's) when <see cref="OnError"/> is
    /// <see cref="OnError.Default"/>.
    /// </summary>
    public JsonElement? DefaultOutput { get; init; }

    public OutputFormat OutputFormat { get; init; }

    /// <summary>A JSON Schema that a JSON output must fit; null: any JSON.</summary>
    public JsonElement? JsonSchema { get; init; }

    /// <summary>The run waits until a person has looked at the output; null: it does not.</summary>
    public ReviewOptions? Review { get; init; }

    /// <summary>Sent instead of the model profile's, as far as set; null: the profile's.</summary>
    public ParameterChanges? Parameters { get; init; }

    /// <summary>
    /// An A/B test: prompt versions, perhaps on other model profiles, with weights, see <see cref="StepArms"/>. Null: all runs use the
    /// step's own.
    /// </summary>
    public JsonElement? Arms { get; init; }

    /// <summary>With <see cref="Arms"/>: the input whose equal values get the same arm. Null: the run's id decides.</summary>
    public string? ArmsBy { get; init; }

    /// <summary>
    /// Ids of the model profiles that are called while the step's own fails, in order, see <see cref="StepFallbacks"/>. Null: those of the
    /// profile.
    /// </summary>
    public JsonElement? Fallbacks { get; init; }

    [JsonIgnore]
    public int Attempts => MaxAttempts ?? DefaultAttempts;

    [JsonIgnore]
    public int ParallelItems => MaxParallelItems ?? DefaultParallelItems;

    /// <summary>The same, with null for everything empty: blank texts, JSON null, parameters that are all unset.</summary>
    public StepOptions Tidy() =>
        this with
        {
            When = Text(When),
            ForEach = Text(ForEach),
            DefaultOutput = Json(DefaultOutput),
            JsonSchema = Json(JsonSchema),
            Arms = Json(Arms),
            ArmsBy = Text(ArmsBy),
            Fallbacks = Json(Fallbacks),
            Review = Review is null ? null : Review with { Instructions = Text(Review.Instructions) },
            Parameters = Parameters == new ParameterChanges() ? null : Parameters,
        };

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static JsonElement? Json(JsonElement? json) =>
        json is { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } ? null : json;
}

/// <summary>Asks a person about a step's output before it flows on.</summary>
public sealed record ReviewOptions
{
    public const int MaxInstructions = 2000;
    public const int ShortestTimeoutSeconds = 60;
    public const int LongestTimeoutSeconds = 30 * 86_400;

    /// <summary>Instructions for the reviewer.</summary>
    public string? Instructions { get; init; }

    /// <summary>After this long <see cref="OnTimeout"/> is the answer, in seconds; null: the run waits as long as it takes.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The answer if no one gave one in time: approve or reject.</summary>
    public ReviewVerdict OnTimeout { get; init; } = ReviewVerdict.Reject;
}

/// <summary>A person's decision about a step's output.</summary>
public enum ReviewVerdict
{
    /// <summary>The output continues unchanged.</summary>
    Approve,

    /// <summary>Another text flows on; the execution log keeps what the model wrote.</summary>
    Edit,

    /// <summary>The run ends here.</summary>
    Reject,
}
