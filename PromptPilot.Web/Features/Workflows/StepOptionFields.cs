using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The options of a step as clients send and get them: fields of the step itself.</summary>
internal abstract record StepOptionFields
{
    [Description(
        "A Liquid condition as in {% if %}, e.g. mood == 'negative' and score > 3, over inputs and outputs of earlier steps. If it is false, the step is skipped, and so are the steps that read its output, unless their expression has a default filter. Omitted: the step always runs."
    )]
    public string? When { get; init; }

    [Description(
        "An expression that gives a list, e.g. tickets. The step makes one call per item, which the mapping reads as item and index (from 0). The output is a list in the same order. Omitted: one call."
    )]
    public string? ForEach { get; init; }

    [Description("With forEach: items processed in parallel, 1 to 32. Omitted: 4.")]
    public int? MaxParallelItems { get; init; }

    [Description("Attempts per call or item if a retry can help, 1 to 5. Omitted: 3.")]
    public int? MaxAttempts { get; init; }

    [Description("Timeout of one attempt in seconds, 1 to 86400. Omitted: the timeout of the model profile.")]
    public int? TimeoutSeconds { get; init; }

    [Description(
        "After the last attempt of the step or an item has failed: fail ends the run, default continues with defaultOutput. Omitted: fail."
    )]
    public OnError? OnError { get; init; }

    [Description(
        "With onError default: replaces the output or, with forEach, the output of the item. A text, or with outputFormat json any JSON except null."
    )]
    public JsonElement? DefaultOutput { get; init; }

    [Description("With json the answer must be JSON, and later expressions can read paths in it, e.g. ticket.title. Omitted: text.")]
    public OutputFormat? OutputFormat { get; init; }

    [Description("With outputFormat json: a JSON Schema that the answer must match. Omitted: any JSON.")]
    public JsonElement? JsonSchema { get; init; }

    [Description(
        "The run waits until a person approves, edits or rejects the output. true, or an object with instructions and a timeout. Omitted or false: no review."
    )]
    [JsonConverter(typeof(ReviewFields.Converter))]
    public ReviewFields? Review { get; init; }

    [Description("Override the parameters of the model profile.")]
    public ParameterFields? Parameters { get; init; }

    public StepOptions ToOptions() =>
        new()
        {
            When = When,
            ForEach = ForEach,
            MaxParallelItems = MaxParallelItems,
            MaxAttempts = MaxAttempts,
            TimeoutSeconds = TimeoutSeconds,
            OnError = OnError ?? default,
            DefaultOutput = DefaultOutput,
            OutputFormat = OutputFormat ?? default,
            JsonSchema = JsonSchema,
            Review = Review?.ToOptions(),
            Parameters = Parameters is null ? null : new ParameterChanges(Parameters.Temperature, Parameters.MaxTokens, Parameters.TopP),
        };

    /// <summary>Nothing that was left out is answered but the two words, which are short and say much.</summary>
    protected static T With<T>(T step, StepOptions options)
        where T : StepOptionFields =>
        step with
        {
            When = options.When,
            ForEach = options.ForEach,
            MaxParallelItems = options.MaxParallelItems,
            MaxAttempts = options.MaxAttempts,
            TimeoutSeconds = options.TimeoutSeconds,
            OnError = options.OnError,
            DefaultOutput = options.DefaultOutput,
            OutputFormat = options.OutputFormat,
            JsonSchema = options.JsonSchema,
            Review = options.Review is null ? null : ReviewFields.From(options.Review),
            Parameters = options.Parameters is { } changes
                ? new ParameterFields(changes.Temperature, changes.MaxTokens, changes.TopP)
                : null,
        };
}

/// <summary>Parameters that a step sends instead of its profile's.</summary>
internal sealed record ParameterFields(double? Temperature, int? MaxTokens, double? TopP);
