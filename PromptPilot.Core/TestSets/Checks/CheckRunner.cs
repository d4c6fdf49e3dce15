using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.JsonSchemas;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.TestSets.Checks;

/// <summary>
/// Applies checks to an output. Pure: the same check and subject give the same verdict. What a judge says is read by
/// <see cref="JudgeAnswer"/>.
/// </summary>
public static class CheckRunner
{
    private const int MostShown = 80;

    public static CheckVerdict Run(Check check, CheckSubject subject, CancellationToken cancellationToken)
    {
        var (outcome, reason) = check.Kind switch
        {
            CheckKind.EqualTo => Text(
                check,
                subject,
                (text, comparison) =>
                    string.Equals(Normal(subject.Output), Normal(text), comparison)
                        ? (true, "The output equals the expected text.")
                        : (false, Difference(Normal(text), Normal(subject.Output)))
            ),
            CheckKind.Contains => Text(
                check,
                subject,
                (text, comparison) =>
                    Lines(subject.Output).Contains(Lines(text), comparison)
                        ? (true, $"The output contains “{Short(text)}”.")
                        : (false, $"“{Short(text)}” is missing from the output.")
            ),
            CheckKind.NotContains => Text(
                check,
                subject,
                (text, comparison) =>
                    Lines(subject.Output).Contains(Lines(text), comparison)
                        ? (false, $"The output contains “{Short(text)}”.")
                        : (true, $"The output does not contain “{Short(text)}”.")
            ),
            CheckKind.Matches => Matches(check, subject),
            CheckKind.Schema => Schema(check, subject),
            CheckKind.Condition => Condition(check, subject, cancellationToken),
            CheckKind.Limit => Limit(check, subject),
            CheckKind.Judge => (CheckOutcome.Error, "The judge was not called."),
        };
        return new CheckVerdict(CheckText.NameOf(check), outcome, reason);
    }

    private static (CheckOutcome, string) Text(Check check, CheckSubject subject, Func<string, StringComparison, (bool, string)> compare)
    {
        if ((check.Value ?? subject.Expected) is not { Length: > 0 } text)
        {
            return (CheckOutcome.Skipped, "This case has no expected value.");
        }

        var (passed, reason) = compare(text, check.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
        return (Outcome(passed), reason);
    }

    private static (CheckOutcome, string) Matches(Check check, CheckSubject subject)
    {
        try
        {
            var match = CheckRules.Pattern(check).Match(Lines(subject.Output));
            return match.Success
                ? (CheckOutcome.Passed, $"Found “{Short(match.Value)}”.")
                : (CheckOutcome.Failed, "Nothing in the output matches the pattern.");
        }
        catch (RegexMatchTimeoutException)
        {
            return (CheckOutcome.Error, "The pattern took too long on this output. Simplify it.");
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return (CheckOutcome.Error, $"The pattern cannot be used: {exception.Message}");
        }
    }

    private static (CheckOutcome, string) Schema(Check check, CheckSubject subject)
    {
        if (check.Schema is not { } schema || OutputSchema.Of(schema).Problem is not null)
        {
            return (CheckOutcome.Error, "The JSON Schema of this check cannot be read.");
        }

        var read = JsonOutput.Read(subject.Output, schema);
        return read.IsOk ? (CheckOutcome.Passed, "The output matches the schema.") : (CheckOutcome.Failed, read.Problem.Message);
    }

    private static (CheckOutcome, string) Condition(Check check, CheckSubject subject, CancellationToken cancellationToken)
    {
        var context = new Dictionary<string, JsonElement>
        {
            ["output"] = Value(subject.Output),
            ["expected"] = subject.Expected is { } expected ? Value(expected) : JsonSerializer.SerializeToElement<string?>(null),
            ["inputs"] = JsonSerializer.SerializeToElement(subject.Inputs, AppJson.Options),
        };
        var holds = LiquidCondition.Parse(check.Value ?? "").Evaluate(context, cancellationToken);
        return !holds.IsOk ? (CheckOutcome.Error, holds.Problem.Message)
            : holds.Value ? (CheckOutcome.Passed, "The condition is met.")
            : (CheckOutcome.Failed, "The condition is not met.");
    }

    private static (CheckOutcome, string) Limit(Check check, CheckSubject subject)
    {
        var words = subject.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        var cost = Money.ToUsd(subject.Cost);
        List<string> over =
        [
            .. Over(subject.OutputTokens, check.MaxTokens, (value, limit) => $"{value:N0} output tokens, the limit is {limit:N0}"),
            .. Over(words, check.MaxWords, (value, limit) => $"{value:N0} words, the limit is {limit:N0}"),
            .. Over(cost, check.MaxCost, (value, limit) => $"${Number(value)}, the limit is ${Number(limit)}"),
            .. Over(subject.DurationMs, check.MaxMilliseconds, (value, limit) => $"{value:N0} ms, the limit is {limit:N0} ms"),
        ];
        return over.Count == 0
            ? (CheckOutcome.Passed, $"{words:N0} words, {subject.OutputTokens:N0} tokens, {subject.DurationMs:N0} ms, ${Number(cost)}.")
            : (CheckOutcome.Failed, $"The output has {string.Join("; ", over)}.");
    }

    private static IEnumerable<string> Over<T>(T value, T? limit, Func<T, T, string> say)
        where T : struct, IComparable<T> => limit is { } most && value.CompareTo(most) > 0 ? [say(value, most)] : [];

    private static string Number(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>JSON objects and lists are parsed, so that paths work; all else is text.</summary>
    private static JsonElement Value(string text)
    {
        if (text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            var read = JsonOutput.Read(text, schema: null);
            if (read.IsOk)
            {
                return read.Value;
            }
        }

        return AppJson.Text(text);
    }

    private static CheckOutcome Outcome(bool passed) => passed ? CheckOutcome.Passed : CheckOutcome.Failed;

    private static string Difference(string expected, string output)
    {
        var same = expected.Zip(output).TakeWhile(pair => pair.First == pair.Second).Count();
        var line = expected.AsSpan(0, same).Count('\n') + 1;
        return output.Length == 0
            ? "The output is empty."
            : $"Differs from the expected text from line {line} on: “{Short(From(expected, same))}” became “{Short(From(output, same))}”.";
    }

    private static string From(string text, int index) =>
        text[(index > 0 && index < text.Length && char.IsLowSurrogate(text[index]) ? index - 1 : index)..];

    private static string Normal(string text) => Lines(text).Trim();

    private static string Lines(string text) => text.ReplaceLineEndings("\n");

    private static string Short(string text) => Shorten.Text(text.Trim(), MostShown);
}
