using PromptPilot.Core.Workflows.Checks;
using static PromptPilot.Core.Workflows.Options.StepOptionRow;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>
/// The options of a step, read by the API, the designer's form, checks, differences, exchange files and summaries. Their behavior is in
/// the engine.
/// </summary>
public static class StepOptionTable
{
    private const string SchemaExample =
        "{ \"type\": \"object\", \"properties\": { \"title\": { \"type\": \"string\" } }, \"required\": [\"title\"] }";

    private static readonly StepOption[] Own =
    [
        Of("when", "condition", o => o.When, (o, value) => o with { When = value }) with
        {
            Description =
                "A Liquid condition as in {% if %}, e.g. mood == 'negative' and score > 3, over inputs and outputs of earlier steps. "
                + "If it is false, the step is skipped, and so are the steps that read its output, unless their expression has a "
                + "default filter. Omitted: the step always runs.",
            Form = new StepOptionForm(StepOptionSection.When, "Run only if")
            {
                IsCode = true,
                IsImmediate = true,
                Placeholder = _ => "mood == 'negative' and score > 3",
                Help = _ =>
                    "A condition over inputs and earlier outputs. If it is false, the step is skipped, and so are all steps that read "
                    + "its output without a default.",
            },
            Check = c => c.Options.When is { } when ? ExpressionProblems.OfWhen(when, c.Field, c.Step, c.Keys) : [],
            Noun = "condition",
            Mark = o => o.When is { } when ? new OptionMark("when", when) : null,
            FlowMark = "when",
        },
        Of("forEach", "list to iterate", o => o.ForEach, (o, value) => o with { ForEach = value }) with
        {
            Description =
                "An expression for a list, e.g. tickets. The step makes one call per item, which the mapping reads as item and "
                + "index (from 0). The output is a list in the same order. Omitted: one call.",
            Form = new StepOptionForm(StepOptionSection.ForEach, "For each item of")
            {
                IsCode = true,
                IsImmediate = true,
                Placeholder = _ => "tickets",
                Help = _ =>
                    "A list. The step makes one call per item. Its inputs can use item and index, e.g. item.title. The output is "
                    + "the list of answers in order.",
            },
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
            Description = "With forEach: items processed in parallel, 1 to 32. Omitted: 4.",
            Form = new StepOptionForm(StepOptionSection.ForEach, "Parallel items")
            {
                IsOffered = RunsForEach,
                Placeholder = _ => "4",
                Help = _ => "1 to 32",
            },
            Check = InRange(o => o.MaxParallelItems, 1, StepOptions.MostParallelItems, "Parallel items must be from {0} to {1}."),
            Noun = "limit of parallel items",
        },
        Of("maxAttempts", "attempts", o => o.MaxAttempts, (o, value) => o with { MaxAttempts = value }) with
        {
            Description = "The most attempts per call or item, 1 to 5. Only errors that a retry can fix are retried. Omitted: 3.",
            Form = new StepOptionForm(StepOptionSection.Retries, "Attempts") { Placeholder = _ => "3", Help = _ => "1 to 5" },
            Check = InRange(o => o.MaxAttempts, 1, StepOptions.MostAttempts, "Attempts must be from {0} to {1}."),
            Noun = "number of attempts",
            Mark = o => o.MaxAttempts is { } attempts ? new OptionMark(attempts == 1 ? "1 attempt" : $"{attempts} attempts") : null,
        },
        Of("timeoutSeconds", "timeout", o => o.TimeoutSeconds, (o, value) => o with { TimeoutSeconds = value }) with
        {
            Description = "Timeout of one attempt in seconds, 1 to 86400. Omitted: the timeout of the model profile.",
            Form = new StepOptionForm(StepOptionSection.Retries, "Timeout") { Placeholder = _ => "from profile", Help = _ => "e.g. 90 s" },
            Check = InRange(o => o.TimeoutSeconds, 1, StepOptions.LongestTimeoutSeconds, "The timeout must be from {0} to {1} seconds."),
            Noun = "timeout per attempt",
            IsDuration = true,
            Mark = o => o.TimeoutSeconds is { } seconds ? new OptionMark($"{DurationText.Of(seconds)} per attempt") : null,
        },
        Of("onError", "on failure", o => o.OnError, (o, value) => o with { OnError = value }) with
        {
            Description =
                "After the last attempt of the step or an item has failed: fail ends the run, default continues with defaultOutput. "
                + "Omitted: fail.",
            Form = new StepOptionForm(StepOptionSection.Failure, "On failure")
            {
                Choices = [new(OnError.Fail, "The run fails"), new(OnError.Default, "Use a default")],
                Help = _ => "After the last attempt.",
            },
            Sentence = o =>
                o.OnError == OnError.Default ? "now continues with a default when it fails." : "now fails the run when it fails.",
            Mark = o => o.OnError == OnError.Default ? new OptionMark("default on failure") : null,
        },
        Of("defaultOutput", "default output", o => o.DefaultOutput, (o, value) => o with { DefaultOutput = value }) with
        {
            Description =
                "With onError default: replaces the output or, with forEach, the output of the item. A text, or with outputFormat json "
                + "any JSON except null.",
            Form = new StepOptionForm(StepOptionSection.Failure, "Default output")
            {
                IsOffered = o => o.OnError == OnError.Default,
                IsPlainText = o => o.OutputFormat == OutputFormat.Text,
                IsCode = true,
                IsWhole = true,
                Lines = (2, 10),
                Placeholder = o => IsJson(o) ? "{ \"answer\": \"none\" }" : "no answer",
                Help = o =>
                    (RunsForEach(o) ? "Replaces the output of each failed item" : "Replaces the output, and the run continues")
                    + (IsJson(o) ? ". Must be JSON that matches the schema." : ". Can be empty."),
            },
            Check = c => [StepOutputProblems.OfDefault(c.Options, c.Field)],
            Noun = "default output",
        },
        Of("outputFormat", "output", o => o.OutputFormat, (o, value) => o with { OutputFormat = value }) with
        {
            Description =
                "With json the answer must be JSON, and later expressions can read paths in it, e.g. ticket.title. Omitted: text.",
            Form = new StepOptionForm(StepOptionSection.Output, "Format")
            {
                Choices = [new(OutputFormat.Text, "Text"), new(OutputFormat.Json, "JSON")],
                Help = _ => "JSON is validated and parsed. Later steps can read paths such as ticket.title.",
            },
            Sentence = o => $"now returns {(IsJson(o) ? "JSON" : "text")}.",
            Mark = o => IsJson(o) ? new OptionMark(o.JsonSchema is null ? "JSON" : "JSON with schema") : null,
        },
        Of("jsonSchema", "JSON Schema", o => o.JsonSchema, (o, value) => o with { JsonSchema = value }) with
        {
            Description = "With outputFormat json: a JSON Schema that the answer must match. Omitted: any JSON.",
            Form = new StepOptionForm(StepOptionSection.Output, "JSON Schema")
            {
                IsOffered = IsJson,
                Control = StepOptionControl.Schema,
                IsWhole = true,
                IsCode = true,
                Lines = (3, 16),
                Placeholder = _ => SchemaExample,
                Help = _ => "Schema that the answer must match. Empty: any JSON.",
            },
            Check = c => [StepOutputProblems.OfSchema(c.Options, c.Field)],
            Noun = "JSON Schema",
        },
    ];

    public static IReadOnlyList<StepOption> All { get; } =
    [.. Own, .. ReviewOptionRows.All, .. ParameterOptionRows.All, .. FallbackOptionRow.All, .. ArmOptionRows.All];

    /// <summary>All problems with the options of a step.</summary>
    internal static IEnumerable<WorkflowProblem> Problems(StepContent step, int position, KeyScope keys) =>
        All.SelectMany(option => option.Check?.Invoke(new OptionCheck(step, $"steps[{position}].{option.Field}", keys)) ?? [])
            .OfType<WorkflowProblem>();

    private static bool RunsForEach(StepOptions options) => !string.IsNullOrWhiteSpace(options.ForEach);

    private static bool IsJson(StepOptions options) => options.OutputFormat == OutputFormat.Json;
}
