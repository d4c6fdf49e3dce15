using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

/// <summary>
/// Reads fields that are texts in the form, and notes at which of them something else was typed. What cannot be read counts as empty.
/// </summary>
/// <param name="at">The prefix of each field, e.g. <c>steps[1].</c>.</param>
internal sealed class TypedFields(string at)
{
    private readonly List<WorkflowProblem> _problems = [];

    public IReadOnlyList<WorkflowProblem> Problems => _problems;

    public int? Whole(string field, string text) =>
        Read<int>(
            field,
            text,
            "Enter a whole number.",
            (string typed, out int number) =>
                int.TryParse(typed, NumberStyles.AllowLeadingSign | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out number)
        );

    public double? Number(string field, string text) =>
        Read<double>(
            field,
            text,
            "Enter a number, such as 0.7.",
            (string typed, out double number) =>
                double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number)
        );

    /// <summary>Seconds.</summary>
    public int? Duration(string field, string text) =>
        Read<int>(
            field,
            text,
            "Enter a duration, such as 90 s, 15 min, 2 h or 3 days.",
            (string typed, out int seconds) =>
            {
                var parsed = DurationText.Parse(typed);
                seconds = parsed ?? 0;
                return parsed is not null;
            }
        );

    /// <summary>Nano-USD. What is too much to store stays too much, and is refused by the check.</summary>
    public long? Usd(string field, string text) =>
        Read<decimal>(
            field,
            text,
            "Enter an amount in USD, such as 0.25.",
            (string typed, out decimal usd) =>
                decimal.TryParse(
                    typed.TrimStart('$').Trim(),
                    NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands,
                    CultureInfo.InvariantCulture,
                    out usd
                )
        )
            is { } amount
            ? Money.ToNanos(Math.Clamp(amount, -1, 2_000_000_000))
            : null;

    public JsonElement? Json(string field, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var json = JsonText.Read(text);
        if (json.IsOk)
        {
            return json.Value;
        }

        _problems.Add(new WorkflowProblem(at + field, json.Problem.Message, BlocksSaving: true));
        return null;
    }

    private delegate bool Parse<T>(string text, out T value);

    private T? Read<T>(string field, string text, string message, Parse<T> parse)
        where T : struct
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (parse(text.Trim(), out var value))
        {
            return value;
        }

        _problems.Add(new WorkflowProblem(at + field, message, BlocksSaving: true));
        return null;
    }
}
