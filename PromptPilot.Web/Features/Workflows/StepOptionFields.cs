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
        "A Liquid condition as in {% if %}, e.g. mood == 'negative' and score > 3, over inputs and outputs of earlier steps. When it is false, the step is skipped, and with it the steps that read its output, unless their expression has a default filter. Left out: the step always runs."
    )]
    public string? When { get; init; }

    [Description(
        "An expression that gives a list, e.g. tickets: one call for each item, which the mapping reads as item and index (from 0). The output is a list in the same order. Left out: one call."
    )]
    public string? ForEach { get; init; }

    [Description("With forEach: how many items are called at the same time, 1 to 32. Left out: 4.")]
    public int? MaxParallelItems { get; init; }

    [Description("How often a call is tried where another try can help, 1 to 5. Left out: 3.")]
    public int? MaxAttempts { get; init; }

    [Description("The most one attempt may take, in seconds, 1 to 86400. Left out: the limit of the model profile.")]
    public int? TimeoutSeconds { get; init; }

    [Description(
        "When the step, or one of its items, has failed for good: fail ends the run, default goes on with defaultOutput. Left out: fail."
    )]
    public OnError? OnError { get; init; }

    [Description(
        "With onError default: what stands in for the output, with forEach for the item's. A text, or with outputFormat json any JSON but null."
    )]
    public JsonElement? DefaultOutput { get; init; }

    [Description("With json the answer must be JSON, and later expressions can take paths of it, e.g. ticket.title. Left out: text.")]
    public OutputFormat? OutputFormat { get; init; }

    [Description("With outputFormat json: a JSON Schema that the answer must fit. Left out: any JSON.")]
    public JsonElement? JsonSchema { get; init; }

    [Description(
        "The run waits until a person has approved, edited or rejected the output. true, or an object with instructions and a time limit. Left out or false: it does not wait."
    )]
    [JsonConverter(typeof(ReviewFields.Converter))]
    public ReviewFields? Review { get; init; }

    [Description("Sent to the model instead of its profile's values, as far as given.")]
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
