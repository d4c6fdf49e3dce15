using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Checks;

/// <summary>Finds problems in the expressions of a step: syntax errors, and keys that cannot be read there.</summary>
internal static class ExpressionProblems
{
    public const int MaxLength = 2000;

    /// <summary>Keys that only the mapping of a step with <c>forEach</c> reads.</summary>
    public static readonly IReadOnlyList<string> OfItem = ["item", "index"];

    public static IEnumerable<WorkflowProblem> OfMapping(string text, string field, StepContent step, KeyScope keys)
    {
        var expression = LiquidExpression.Parse(text);
        return Find(
            text,
            field,
            expression.Errors,
            expression.Reads,
            step,
            keys,
            step.Options.ForEach is null
                ? "“{0}” exists only in a step that runs for each item of a list. Set the list in the step's options, or use another key."
                : null
        );
    }

    public static IEnumerable<WorkflowProblem> OfForEach(string text, string field, StepContent step, KeyScope keys)
    {
        var expression = LiquidExpression.Parse(text);
        return Find(
            text,
            field,
            expression.Errors,
            expression.Reads,
            step,
            keys,
            "“{0}” cannot be used here: this expression defines the list of items."
        );
    }

    public static IEnumerable<WorkflowProblem> OfWhen(string text, string field, StepContent step, KeyScope keys)
    {
        var condition = LiquidCondition.Parse(text);
        return Find(
            text,
            field,
            condition.Errors,
            condition.Reads,
            step,
            keys,
            "“{0}” cannot be used here: the condition applies to the whole step, not to each item."
        );
    }

    /// <param name="noItem">Why <c>item</c> and <c>index</c> cannot be read here; null if they can.</param>
    private static IEnumerable<WorkflowProblem> Find(
        string text,
        string field,
        IReadOnlyList<LiquidError> errors,
        IReadOnlyList<string> reads,
        StepContent step,
        KeyScope keys,
        string? noItem
    )
    {
        if (text.Length > MaxLength)
        {
            return [new WorkflowProblem(field, $"An expression can have at most {MaxLength} characters.", BlocksSaving: true)];
        }

        return errors.Count > 0
            ? errors.Select(error => new WorkflowProblem(field, error.Message, BlocksSaving: true, error.Line, error.Column))
            : reads
                .Select(key =>
                    OfItem.Contains(key) ? noItem?.Replace("{0}", key, StringComparison.Ordinal)
                    : keys.IsReadable(key) ? null
                    : Unreadable(key, step, keys, noItem is null)
                )
                .OfType<string>()
                .Select(message => new WorkflowProblem(field, message, BlocksSaving: true));
    }

    private static string Unreadable(string key, StepContent step, KeyScope keys, bool hasItem)
    {
        IReadOnlyList<string> known = [.. hasItem ? OfItem : [], .. keys.Readable()];
        return keys.WrittenLaterBy(key) switch
        {
            _ when key == step.OutputKey => $"“{key}” is the output of this step, so the step cannot read it.",
            { } number => $"“{key}” is the output of step {number}, which runs later. Move this step below it.",
            null => $"There is no key “{key}” here.{Spelling.DidYouMean(key, known)} Available: {string.Join(", ", known)}.",
        };
    }
}
