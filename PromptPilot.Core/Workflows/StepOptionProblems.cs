using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Workflows;

/// <summary>Finds what is wrong with the options of one step.</summary>
internal static class StepOptionProblems
{
    /// <summary>Characters of a schema or a default output, as JSON.</summary>
    public const int MaxJsonLength = 64 * 1024;

    public static IEnumerable<WorkflowProblem> Find(StepContent step, int position, KeyScope keys)
    {
        var options = step.Options;
        var at = $"steps[{position}].";
        var problems = new List<WorkflowProblem?>();
        if (options.When is { } when)
        {
            problems.AddRange(ExpressionProblems.OfWhen(when, at + "when", step, keys));
        }

        if (options.ForEach is { } forEach)
        {
            problems.AddRange(ExpressionProblems.OfForEach(forEach, at + "forEach", step, keys));
        }

        problems.Add(
            NumberRange.Problem(
                options.MaxParallelItems,
                1,
                StepOptions.MostParallelItems,
                at + "maxParallelItems",
                "Parallel items must be from {0} to {1}."
            )
        );
        problems.Add(
            NumberRange.Problem(options.MaxAttempts, 1, StepOptions.MostAttempts, at + "maxAttempts", "Attempts must be from {0} to {1}.")
        );
        problems.Add(
            NumberRange.Problem(
                options.TimeoutSeconds,
                1,
                StepOptions.LongestTimeoutSeconds,
                at + "timeoutSeconds",
                "The timeout must be from {0} to {1} seconds."
            )
        );
        problems.AddRange(OfOutput(options, at));
        problems.AddRange(OfReview(options.Review, at + "review."));
        problems.AddRange(OfParameters(options.Parameters, at + "parameters."));
        return problems.OfType<WorkflowProblem>();
    }

    private static IEnumerable<WorkflowProblem> OfOutput(StepOptions options, string at)
    {
        var schemaProblem = options.JsonSchema is { } schema ? SchemaProblem(schema, options.OutputFormat) : null;
        if (schemaProblem is not null)
        {
            yield return new WorkflowProblem(at + "jsonSchema", schemaProblem, BlocksSaving: true);
        }

        if (options is { OnError: OnError.Default, DefaultOutput: null })
        {
            yield return new WorkflowProblem(
                at + "defaultOutput",
                options.OutputFormat == OutputFormat.Json
                    ? "Enter the JSON to use when the step fails, such as [] or {}. It cannot be null."
                    : "Enter the text to use when the step fails. It can be empty.",
                BlocksSaving: false
            );
        }
        else if (options.DefaultOutput is { } output && DefaultProblem(output, options, schemaProblem is null) is { } wrong)
        {
            yield return new WorkflowProblem(at + "defaultOutput", wrong, BlocksSaving: true);
        }
    }

    private static string? SchemaProblem(JsonElement schema, OutputFormat format) =>
        schema switch
        {
            _ when format != OutputFormat.Json => "A schema requires the output format “json”. Choose JSON, or remove the schema.",
            { ValueKind: not JsonValueKind.Object } => "A JSON Schema must be an object, such as {\"type\": \"object\"}.",
            _ when schema.GetRawText().Length > MaxJsonLength => $"A schema can have at most {MaxJsonLength:N0} characters.",
            _ => InputValues.Unusable(schema) ?? JsonOutput.SchemaProblem(schema),
        };

    private static string? DefaultProblem(JsonElement output, StepOptions options, bool schemaIsSound) =>
        output switch
        {
            _ when options.OnError != OnError.Default =>
                "A default output requires on failure “default”. Choose that, or remove the output.",
            { ValueKind: not JsonValueKind.String } when options.OutputFormat == OutputFormat.Text =>
                "The default of a text output must be a text.",
            _ when output.GetRawText().Length > MaxJsonLength => $"A default output can have at most {MaxJsonLength:N0} characters.",
            _ when InputValues.Unusable(output) is { } unusable => unusable,
            _ when options.JsonSchema is { } schema && schemaIsSound => JsonOutput.Read(output.GetRawText(), schema).Problem is { } misfit
                ? misfit.Message.Replace("The answer", "The default", StringComparison.Ordinal)
                : null,
            _ => null,
        };

    private static IEnumerable<WorkflowProblem?> OfReview(ReviewOptions? review, string at)
    {
        if (review is null)
        {
            yield break;
        }

        if (review.Instructions?.Length > ReviewOptions.MaxInstructions)
        {
            yield return new WorkflowProblem(
                at + "instructions",
                $"Instructions can have at most {ReviewOptions.MaxInstructions:N0} characters.",
                BlocksSaving: true
            );
        }

        yield return NumberRange.Problem(
            review.TimeoutSeconds,
            ReviewOptions.ShortestTimeoutSeconds,
            ReviewOptions.LongestTimeoutSeconds,
            at + "timeoutSeconds",
            "The review timeout must be from {0} to {1} seconds (30 days), or empty for no limit."
        );
        if (review.OnTimeout == ReviewVerdict.Edit)
        {
            yield return new WorkflowProblem(
                at + "onTimeout",
                "On timeout, a review must be approved or rejected. It cannot be edited.",
                BlocksSaving: true
            );
        }
    }

    private static IEnumerable<WorkflowProblem?> OfParameters(ParameterChanges? changes, string at)
    {
        if (changes?.Temperature is not (null or (>= 0 and <= 2)))
        {
            yield return new WorkflowProblem(
                at + "temperature",
                "The temperature must be a number from 0 to 2, or empty.",
                BlocksSaving: true
            );
        }

        yield return NumberRange.Problem(changes?.MaxTokens, 1, 1_000_000, at + "maxTokens", "Max tokens must be from {0} to {1}.");
        if (changes?.TopP is not (null or (>= 0 and <= 1)))
        {
            yield return new WorkflowProblem(at + "topP", "Top-p must be a number from 0 to 1, or empty.", BlocksSaving: true);
        }
    }
}
