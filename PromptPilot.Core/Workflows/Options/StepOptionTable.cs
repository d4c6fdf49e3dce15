using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>
/// The options of a step, in the order of the form. Checks, differences, exchange files and summaries read this table; what an option does
/// is in the engine.
/// </summary>
public static class StepOptionTable
{
    public static IReadOnlyList<StepOption> All { get; } =
    [
        Of("when", "condition", o => o.When, (o, value) => o with { When = value }) with
        {
            Check = c => c.Options.When is { } when ? ExpressionProblems.OfWhen(when, c.Field, c.Step, c.Keys) : [],
            Noun = "condition",
            Mark = o => o.When is { } when ? new OptionMark("when", when) : null,
            FlowMark = "when",
        },
        Of("forEach", "list to iterate", o => o.ForEach, (o, value) => o with { ForEach = value }) with
        {
            Check = c => c.Options.ForEach is { } list ? ExpressionProblems.OfForEach(list, c.Field, c.Step, c.Keys) : [],
            Noun = "list to iterate",
            Mark = o =>
                o.ForEach is { } list
                    ? new OptionMark("for each of", list, o.MaxParallelItems is { } items ? $"{items} in parallel" : null)
                    : null,
            FlowMark = "each",
        },
        Of("maxParallelItems", "parallel items", o => o.MaxParallelItems, (o, value) => o with { MaxParallelItems = value }) with
        {
            Check = InRange(o => o.MaxParallelItems, 1, StepOptions.MostParallelItems, "Parallel items must be from {0} to {1}."),
            Noun = "limit of parallel items",
        },
        Of("maxAttempts", "attempts", o => o.MaxAttempts, (o, value) => o with { MaxAttempts = value }) with
        {
            Check = InRange(o => o.MaxAttempts, 1, StepOptions.MostAttempts, "Attempts must be from {0} to {1}."),
            Noun = "number of attempts",
            Mark = o => o.MaxAttempts is { } attempts ? new OptionMark(attempts == 1 ? "1 attempt" : $"{attempts} attempts") : null,
        },
        Of("timeoutSeconds", "timeout", o => o.TimeoutSeconds, (o, value) => o with { TimeoutSeconds = value }) with
        {
            Check = InRange(o => o.TimeoutSeconds, 1, StepOptions.LongestTimeoutSeconds, "The timeout must be from {0} to {1} seconds."),
            Noun = "timeout per attempt",
            IsDuration = true,
            Mark = o => o.TimeoutSeconds is { } seconds ? new OptionMark($"{DurationText.Of(seconds)} per attempt") : null,
        },
        Of("onError", "on failure", o => o.OnError, (o, value) => o with { OnError = value }) with
        {
            Sentence = o =>
                o.OnError == OnError.Default ? "now continues with a default when it fails." : "now fails the run when it fails.",
            Mark = o => o.OnError == OnError.Default ? new OptionMark("default on failure") : null,
        },
        Of("defaultOutput", "default output", o => o.DefaultOutput, (o, value) => o with { DefaultOutput = value }) with
        {
            Check = c => [StepOutputProblems.OfDefault(c.Options, c.Field)],
            Noun = "default output",
        },
        Of("outputFormat", "output", o => o.OutputFormat, (o, value) => o with { OutputFormat = value }) with
        {
            Sentence = o => $"now gives {(o.OutputFormat == OutputFormat.Json ? "JSON" : "text")}.",
            Mark = o => o.OutputFormat == OutputFormat.Json ? new OptionMark(o.JsonSchema is null ? "JSON" : "JSON with schema") : null,
        },
        Of("jsonSchema", "JSON Schema", o => o.JsonSchema, (o, value) => o with { JsonSchema = value }) with
        {
            Check = c => [StepOutputProblems.OfSchema(c.Options, c.Field)],
            Noun = "JSON Schema",
        },
        Of("review", "review", o => o.Review is not null, (o, value) => o with { Review = value ? o.Review ?? new() : null }) with
        {
            Sentence = o => o.Review is null ? "no longer waits for a review." : "now waits for a review.",
            Mark = o => o.Review is { } review ? new OptionMark("review", More: Waits(review)) : null,
            FlowMark = "review",
        },
        OfReview("instructions", "review instructions", r => r.Instructions, (r, value) => r with { Instructions = value }) with
        {
            Check = c =>
                [
                    c.Options.Review?.Instructions?.Length > ReviewOptions.MaxInstructions
                        ? new WorkflowProblem(
                            c.Field,
                            $"Instructions can have at most {ReviewOptions.MaxInstructions:N0} characters.",
                            BlocksSaving: true
                        )
                        : null,
                ],
            Noun = "review instruction",
        },
        OfReview("timeoutSeconds", "review timeout", r => r.TimeoutSeconds, (r, value) => r with { TimeoutSeconds = value }) with
        {
            Check = InRange(
                o => o.Review?.TimeoutSeconds,
                ReviewOptions.ShortestTimeoutSeconds,
                ReviewOptions.LongestTimeoutSeconds,
                "The review timeout must be from {0} to {1} seconds (30 days), or empty for no limit."
            ),
            Noun = "review timeout",
            IsDuration = true,
        },
        OfReview("onTimeout", "review on timeout", r => r.OnTimeout, (r, value) => r with { OnTimeout = value }) with
        {
            Check = c =>
                [
                    c.Options.Review?.OnTimeout == ReviewVerdict.Edit
                        ? new WorkflowProblem(
                            c.Field,
                            "On timeout, a review must be approved or rejected. It cannot be edited.",
                            BlocksSaving: true
                        )
                        : null,
                ],
            Sentence = o => $"is now {Answer(o.Review!)} if it is not reviewed in time.",
        },
        Of("parameters", "parameters", HasParameters, (o, value) => value ? o : o with { Parameters = null }) with
        {
            Mark = o => HasParameters(o) ? new OptionMark("own parameters") : null,
        },
        OfParameters("temperature", "temperature", p => p.Temperature, (p, value) => p with { Temperature = value }) with
        {
            Check = InRange(o => o.Parameters?.Temperature, 2, "The temperature must be a number from 0 to 2, or empty."),
            Noun = "temperature",
        },
        OfParameters("maxTokens", "max tokens", p => p.MaxTokens, (p, value) => p with { MaxTokens = value }) with
        {
            Check = InRange(o => o.Parameters?.MaxTokens, 1, 1_000_000, "Max tokens must be from {0} to {1}."),
            Noun = "max tokens",
        },
        OfParameters("topP", "top-p", p => p.TopP, (p, value) => p with { TopP = value }) with
        {
            Check = InRange(o => o.Parameters?.TopP, 1, "Top-p must be a number from 0 to 1, or empty."),
            Noun = "top-p",
        },
    ];

    /// <summary>Everything that is wrong with the options of a step.</summary>
    internal static IEnumerable<WorkflowProblem> Problems(StepContent step, int position, KeyScope keys) =>
        All.SelectMany(option => option.Check?.Invoke(new OptionCheck(step, $"steps[{position}].{option.Field}", keys)) ?? [])
            .OfType<WorkflowProblem>();

    private static bool HasParameters(StepOptions options) => options.Parameters is { } parameters && parameters != new ParameterChanges();

    private static string Answer(ReviewOptions review) => review.OnTimeout == ReviewVerdict.Approve ? "approved" : "rejected";

    private static string? Waits(ReviewOptions review) =>
        review.TimeoutSeconds is { } wait ? $"{Answer(review)} after {DurationText.Of(wait)}" : null;

    private static StepOption Of<T>(string field, string name, Func<StepOptions, T> get, Func<StepOptions, T, StepOptions> with)
    {
        var standard = get(new StepOptions());
        return new StepOption(field, name, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T))
        {
            Get = options => get(options),
            With = (options, value) => with(options, value is T known ? known : standard),
        };
    }

    private static StepOption OfReview<T>(
        string key,
        string name,
        Func<ReviewOptions, T> get,
        Func<ReviewOptions, T, ReviewOptions> with
    ) =>
        Of(
            $"review.{key}",
            name,
            o => get(o.Review ?? new ReviewOptions()),
            (o, value) => o with { Review = with(o.Review ?? new ReviewOptions(), value) }
        ) with
        {
            IsThere = o => o.Review is not null,
        };

    private static StepOption OfParameters<T>(
        string key,
        string name,
        Func<ParameterChanges, T> get,
        Func<ParameterChanges, T, ParameterChanges> with
    ) =>
        Of(
            $"parameters.{key}",
            name,
            o => get(o.Parameters ?? new ParameterChanges()),
            (o, value) => o with { Parameters = with(o.Parameters ?? new ParameterChanges(), value) }
        );

    private static Func<OptionCheck, IEnumerable<WorkflowProblem?>> InRange(
        Func<StepOptions, int?> get,
        int least,
        int most,
        string message
    ) => c => [NumberRange.Problem(get(c.Options), least, most, c.Field, message)];

    /// <summary>From 0.</summary>
    private static Func<OptionCheck, IEnumerable<WorkflowProblem?>> InRange(Func<StepOptions, double?> get, double most, string message) =>
        c =>
            [
                get(c.Options) is { } value && !(value >= 0 && value <= most)
                    ? new WorkflowProblem(c.Field, message, BlocksSaving: true)
                    : null,
            ];
}
