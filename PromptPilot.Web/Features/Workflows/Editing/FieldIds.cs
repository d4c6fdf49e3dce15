using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>Ties problems to the fields of the form.</summary>
internal static class FieldIds
{
    private static readonly Dictionary<string, string> StepWords = new(
        StepOptionTable.All.Select(option => KeyValuePair.Create(option.Field, option.Name))
    )
    {
        ["outputKey"] = "output key",
        ["promptId"] = "prompt",
        ["promptVersion"] = "prompt",
        ["promptLabel"] = "prompt",
        ["model"] = "model profile",
    };

    private static readonly Dictionary<string, string> WorkflowWords = new()
    {
        ["name"] = "Name",
        ["description"] = "Description",
        ["tags"] = "Tags",
        ["chatInput"] = "Chat input",
        ["inputs"] = "Inputs",
        ["steps"] = "Steps",
        ["timeoutSeconds"] = "Timeout",
        ["maxParallelSteps"] = "Parallel steps",
        ["limits.maxConcurrentRuns"] = "Concurrent runs",
        ["limits.runBudget"] = "Budget per run",
        ["limits.dayBudget"] = "Budget per day",
        ["limits.monthBudget"] = "Budget per month",
        ["limits.keepDays"] = "Days to keep",
        ["limits.keepRuns"] = "Runs to keep",
    };

    /// <summary>The id of the element that shows a field, e.g. <c>field-steps-1-inputMapping-notes</c>.</summary>
    public static string Of(string field) =>
        "field-" + field.Replace("[", "-", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('.', '-');

    /// <summary>Where a field is, in words: “Step 2, notes”.</summary>
    public static string Words(string field) =>
        Split(field) switch
        {
            ("steps", { } index, { } rest) => $"Step {index + 1}, {Part(rest)}",
            ("inputs", { } index, { } rest) => $"Input {index + 1}, {rest}",
            ("steps", { } index, null) => $"Step {index + 1}",
            ("inputs", { } index, null) => $"Input {index + 1}",
            _ => WorkflowWords.GetValueOrDefault(field, field),
        };

    /// <summary>Whether a field is one of the options and limits of the workflow.</summary>
    public static bool IsOption(string field) =>
        field is "chatInput" or "timeoutSeconds" or "maxParallelSteps" || field.StartsWith("limits.", StringComparison.Ordinal);

    /// <summary>The index of the step that a field belongs to, or null.</summary>
    public static int? StepOf(string field) => Split(field) is ("steps", { } index, _) ? index : null;

    /// <summary>The index of the step that a field is an option of, or null.</summary>
    public static int? StepOfOption(string field) =>
        Split(field) switch
        {
            ("steps", { } index, { } rest)
                when rest is not ("id" or "outputKey" or "promptId" or "promptVersion" or "promptLabel" or "model")
                    && !rest.StartsWith("inputMapping.", StringComparison.Ordinal) => index,
            _ => null,
        };

    /// <summary>The part of a step's field after the step: <c>review.onTimeout</c>.</summary>
    public static string InStep(string field) => Split(field).Part ?? "";

    /// <summary>All that is wrong at a field in one line, or null.</summary>
    public static string? At(this IEnumerable<WorkflowProblem> problems, params string[] fields)
    {
        var messages = problems
            .Where(p => fields.Contains(p.Field))
            .Select(p => p.Column is null ? p.Message : $"{p.Message} (column {p.Column})")
            .ToList();
        return messages.Count == 0 ? null : string.Join(" ", messages);
    }

    private static string Part(string rest) =>
        rest.StartsWith("inputMapping.", StringComparison.Ordinal)
            ? rest["inputMapping.".Length..]
            : StepWords.GetValueOrDefault(rest.Split('[')[0], rest);

    /// <summary><c>steps[1].review.onTimeout</c> is (steps, 1, review.onTimeout).</summary>
    private static (string List, int? Index, string? Part) Split(string field)
    {
        var (open, close) = (field.IndexOf('['), field.IndexOf(']'));
        return open > 0 && close > open && int.TryParse(field.AsSpan(open + 1, close - open - 1), out var index)
            ? (field[..open], index, close + 2 < field.Length ? field[(close + 2)..] : null)
            : (field, null, null);
    }
}
