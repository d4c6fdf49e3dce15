using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>Finds problems in the schema and the default of a step's output.</summary>
internal static class StepOutputProblems
{
    /// <summary>Characters of a schema or a default output, as JSON.</summary>
    public const int MaxJsonLength = 64 * 1024;

    public static WorkflowProblem? OfSchema(StepOptions options, string field) =>
        SchemaProblem(options) is { } problem ? new WorkflowProblem(field, problem, BlocksSaving: true) : null;

    public static WorkflowProblem? OfDefault(StepOptions options, string field)
    {
        if (options is { OnError: OnError.Default, DefaultOutput: null })
        {
            return new WorkflowProblem(
                field,
                options.OutputFormat == OutputFormat.Json
                    ? "Enter the JSON to use when the step fails, such as [] or {}. It cannot be null."
                    : "Enter the text to use when the step fails. It can be empty.",
                BlocksSaving: false
            );
        }

        return options.DefaultOutput is { } output && DefaultProblem(output, options) is { } wrong
            ? new WorkflowProblem(field, wrong, BlocksSaving: true)
            : null;
    }

    private static string? SchemaProblem(StepOptions options) =>
        options.JsonSchema switch
        {
            null => null,
            _ when options.OutputFormat != OutputFormat.Json =>
                "A schema requires the output format “json”. Choose JSON, or remove the schema.",
            { ValueKind: not JsonValueKind.Object } => "A JSON Schema must be an object, such as {\"type\": \"object\"}.",
            { } schema when schema.GetRawText().Length > MaxJsonLength => $"A schema can have at most {MaxJsonLength:N0} characters.",
            { } schema => InputValues.Unusable(schema) ?? JsonOutput.SchemaProblem(schema),
        };

    private static string? DefaultProblem(JsonElement output, StepOptions options) =>
        output switch
        {
            _ when options.OnError != OnError.Default =>
                "A default output requires on failure “default”. Choose that, or remove the output.",
            { ValueKind: not JsonValueKind.String } when options.OutputFormat == OutputFormat.Text =>
                "The default of a text output must be text.",
            _ when output.GetRawText().Length > MaxJsonLength => $"A default output can have at most {MaxJsonLength:N0} characters.",
            _ when InputValues.Unusable(output) is { } unusable => unusable,
            _ when options.JsonSchema is { } schema && SchemaProblem(options) is null => JsonOutput
                .Read(output.GetRawText(), schema)
                .Problem
                is { } misfit
                ? misfit.Message.Replace("The answer", "The default", StringComparison.Ordinal)
                : null,
            _ => null,
        };
}
