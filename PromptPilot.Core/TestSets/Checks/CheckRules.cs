using System.Text.RegularExpressions;
using PromptPilot.Core.JsonSchemas;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.TestSets.Checks;

/// <summary>Validates checks and builds their regular expressions.</summary>
internal static class CheckRules
{
    public const int Most = 20;
    public const int MaxName = 100;
    public const int MaxValue = 20_000;
    public const int MaxPattern = 1000;

    private static readonly string[] Readable = ["output", "expected", "inputs"];

    /// <summary>The errors of a list of checks, at their fields below <paramref name="path"/>.</summary>
    public static IEnumerable<FieldError> Errors(IReadOnlyList<Check> checks, string path)
    {
        if (checks.Count > Most)
        {
            yield return new FieldError(path, $"At most {Most} checks are allowed; there are {checks.Count}.");
        }

        for (var i = 0; i < checks.Count; i++)
        {
            foreach (var (field, message) in Errors(checks[i]))
            {
                yield return new FieldError($"{path}[{i}].{field}", message);
            }
        }

        foreach (var twice in checks.GroupBy(CheckText.NameOf, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            yield return new FieldError(path, $"Two checks are named “{Shorten.Text(twice.Key, 60)}”. Give each its own name.");
        }
    }

    /// <summary>
    /// A regular expression in linear time, since anyone with edit rights writes it and it runs on any output.
    /// </summary>
    /// <exception cref="ArgumentException">It is not a regular expression.</exception>
    /// <exception cref="NotSupportedException">It uses backreferences or lookarounds.</exception>
    public static Regex Pattern(Check check) =>
        new(
            check.Value ?? "",
            RegexOptions.NonBacktracking
                | RegexOptions.CultureInvariant
                | RegexOptions.Multiline
                | (check.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None),
            TimeSpan.FromSeconds(2)
        );

    private static IEnumerable<(string Field, string Message)> Errors(Check check)
    {
        if (check.Name.Length > MaxName || check.Name.Any(char.IsControl))
        {
            yield return ("name", $"A name can have at most {MaxName} displayable characters.");
        }

        if (check.Value is { Length: > MaxValue })
        {
            yield return ("value", $"The text of a check can have at most {MaxValue:N0} characters.");
        }

        var problem = check.Kind switch
        {
            CheckKind.Matches => PatternProblem(check),
            CheckKind.Condition => ConditionProblem(check),
            CheckKind.Schema => check.Schema is { } schema ? OutputSchema.Of(schema).ProblemToSave : "Enter a JSON Schema.",
            CheckKind.Limit => LimitProblem(check),
            CheckKind.Judge => string.IsNullOrEmpty(check.JudgePromptId) || string.IsNullOrEmpty(check.JudgeModelProfileId)
                ? "Choose the judge's prompt and its model profile."
                : null,
            CheckKind.EqualTo or CheckKind.Contains or CheckKind.NotContains => check.Value is ""
                ? "Enter a text, or leave it out to use the expected value of each case."
                : null,
        };
        if (problem is not null)
        {
            yield return (FieldOf(check.Kind), problem);
        }
    }

    private static string FieldOf(CheckKind kind) =>
        kind switch
        {
            CheckKind.Schema => "schema",
            CheckKind.Limit => "maxTokens",
            CheckKind.Judge => "judgePromptId",
            _ => "value",
        };

    private static string? PatternProblem(Check check)
    {
        if (check.Value is not { Length: > 0 and <= MaxPattern })
        {
            return $"Enter a regular expression of at most {MaxPattern:N0} characters.";
        }

        try
        {
            _ = Pattern(check);
            return null;
        }
        catch (NotSupportedException)
        {
            return "Backreferences, lookaheads and lookbehinds are not supported. Write the pattern without them.";
        }
        catch (ArgumentException exception)
        {
            return $"The regular expression is not valid: {exception.Message}";
        }
    }

    private static string? ConditionProblem(Check check)
    {
        if (string.IsNullOrWhiteSpace(check.Value))
        {
            return "Enter a condition, for example output contains expected.";
        }

        var condition = LiquidCondition.Parse(check.Value);
        return condition.Errors.Count > 0 ? LiquidText.Sentence(condition.Errors[0])
            : condition.Reads.FirstOrDefault(key => !Readable.Contains(key)) is { } unknown
                ? $"There is no “{unknown}” here. A condition can read output, expected and inputs."
            : null;
    }

    private static string? LimitProblem(Check check) =>
        check is { MaxTokens: null, MaxWords: null, MaxCost: null, MaxMilliseconds: null } ? "Enter at least one limit."
        : check.MaxTokens <= 0 || check.MaxWords <= 0 || check.MaxCost < 0 || check.MaxMilliseconds <= 0 ? "A limit must be more than zero."
        : null;
}
