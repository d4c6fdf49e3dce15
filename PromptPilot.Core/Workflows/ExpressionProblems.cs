using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows;

/// <summary>Finds what is wrong with the expressions of a step: mistakes in them, and keys that cannot be read where they stand.</summary>
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
                ? "“{0}” is there only in a step that runs for each item of a list. Say which list under its options, or read another key."
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
            "“{0}” is not there yet: this gives the list that the items are of."
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
            "“{0}” cannot be read here: the condition decides once for the whole step, not for each item."
        );
    }

    /// <param name="noItem">Why <c>item</c> and <c>index</c> cannot be read here; null when they can.</param>
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
            _ when key == step.OutputKey => $"“{key}” is what this step writes; it cannot read it.",
            { } number => $"“{key}” is written by step {number}, which runs later. Move this step below it.",
            null => $"There is no key “{key}” here.{Spelling.DidYouMean(key, known)} Known here: {string.Join(", ", known)}.",
        };
    }
}
