using System.Text.Json;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>Describes one option of a step, for the API, the designer's form, checks, differences, exchange files and summaries.</summary>
/// <param name="Field">Its path in the API, in files and in problems, e.g. <c>review.timeoutSeconds</c>.</param>
/// <param name="Name">Its name in a list of problems.</param>
/// <param name="Type">Type of the value: text, whole number, number, JSON or an enumeration; <c>bool</c> for the switch of a group of
/// fields.</param>
public sealed record StepOption(string Field, string Name, Type Type)
{
    /// <summary>The object that contains the field, or an empty string.</summary>
    public string Group =>
        IsGroup ? Field
        : Field.IndexOf('.', StringComparison.Ordinal) is > 0 and var at ? Field[..at]
        : "";

    /// <summary>Its name within the object.</summary>
    public string Key => Field[(Field.LastIndexOf('.') + 1)..];

    /// <summary>True for the switch of a group, which has no value itself.</summary>
    public bool IsGroup => Type == typeof(bool);

    /// <summary>The description in the API reference.</summary>
    public string? Description { get; init; }

    /// <summary>Its field in the designer; null: none, or a custom one.</summary>
    public StepOptionForm? Form { get; init; }

    /// <summary>Null: not set.</summary>
    public required Func<StepOptions, object?> Get { get; init; }

    /// <summary>The options with another value; null: the default.</summary>
    public required Func<StepOptions, object?, StepOptions> With { get; init; }

    /// <summary>Validates a value that is set.</summary>
    internal Func<OptionCheck, IEnumerable<WorkflowProblem?>>? Check { get; init; }

    /// <summary>The noun for “Step “x” has a different ….”; null with <see cref="Sentence"/>, or if differences are not reported.</summary>
    internal string? Noun { get; init; }

    /// <summary>Formats a value for differences. Null, or a null result: formatted by its type.</summary>
    internal Func<object, string?>? Show { get; init; }

    /// <summary>Describes a difference, after the step's name: “now returns JSON.”</summary>
    internal Func<StepOptions, string>? Sentence { get; init; }

    /// <summary>True if a difference is reported. Fields of a removed review are not.</summary>
    internal Func<StepOptions, bool> IsThere { get; init; } = _ => true;

    /// <summary>The number is a time in seconds.</summary>
    public bool IsDuration { get; init; }

    /// <summary>The text in a summary of options; null: none.</summary>
    public Func<StepOptions, OptionMark?>? Mark { get; init; }

    /// <summary>One word shown on the step in a drawing if the option is set.</summary>
    public string? FlowMark { get; init; }

    public bool IsSet(StepOptions options) => !Equals(Get(options), Get(Unset));

    private static StepOptions Unset { get; } = new();

    /// <summary>Describes the difference.</summary>
    internal void Compare(DifferenceWords words, string step, StepOptions before, StepOptions now)
    {
        if (!IsThere(now))
        {
            return;
        }

        if (Noun is not null)
        {
            words.Say(step, Noun, Text(Get(before)), Text(Get(now)));
        }
        else if (Sentence is not null && !Equals(Get(before), Get(now)))
        {
            words.Add($"{step} {Sentence(now)}");
        }
    }

    private string? Text(object? value) =>
        value switch
        {
            not null when Show?.Invoke(value) is { } shown => shown,
            int seconds when IsDuration => DifferenceWords.Seconds(seconds),
            int number => DifferenceWords.Number(number),
            double number => DifferenceWords.Number(number),
            JsonElement json => DifferenceWords.Json(json),
            _ => value?.ToString(),
        };
}

/// <param name="Field">The field of a problem: <c>steps[1].when</c>.</param>
internal sealed record OptionCheck(StepContent Step, string Field, KeyScope Keys)
{
    public StepOptions Options => Step.Options;
}
