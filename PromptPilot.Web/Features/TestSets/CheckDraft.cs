using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>A check in the form. Numbers and JSON are texts until it is saved.</summary>
internal sealed class CheckDraft
{
    public static readonly string[] Fields = ["name", "value", "schema", "maxTokens", "judgePromptId"];

    public string Name { get; set; } = "";

    public CheckKind Kind { get; set; } = CheckKind.Contains;

    public string Value { get; set; } = "";

    public bool IgnoreCase { get; set; }

    public string Schema { get; set; } = "";

    public string MaxTokens { get; set; } = "";

    public string MaxWords { get; set; } = "";

    public string MaxCost { get; set; } = "";

    public string MaxMilliseconds { get; set; } = "";

    public string JudgePromptId { get; set; } = "";

    public string JudgeVersion { get; set; } = "";

    public string JudgeModelProfileId { get; set; } = "";

    public static CheckDraft Of(Check check) =>
        new()
        {
            Name = check.Name,
            Kind = check.Kind,
            Value = check.Value ?? "",
            IgnoreCase = check.IgnoreCase,
            Schema = check.Schema?.GetRawText() ?? "",
            MaxTokens = Text(check.MaxTokens),
            MaxWords = Text(check.MaxWords),
            MaxCost = Text(check.MaxCost),
            MaxMilliseconds = Text(check.MaxMilliseconds),
            JudgePromptId = check.JudgePromptId ?? "",
            JudgeVersion = check.JudgeVersion ?? "",
            JudgeModelProfileId = check.JudgeModelProfileId ?? "",
        };

    public Check ToCheck() =>
        new()
        {
            Name = Name.Trim(),
            Kind = Kind,
            Value = Kind is CheckKind.Schema or CheckKind.Limit or CheckKind.Judge || Value.Length == 0 ? null : Value,
            IgnoreCase = Kind is not (CheckKind.Condition or CheckKind.Schema or CheckKind.Limit or CheckKind.Judge) && IgnoreCase,
            Schema = Kind == CheckKind.Schema ? Json(Schema) : null,
            MaxTokens = Kind == CheckKind.Limit ? Number<int>(MaxTokens) : null,
            MaxWords = Kind == CheckKind.Limit ? Number<int>(MaxWords) : null,
            MaxCost = Kind == CheckKind.Limit ? Number<decimal>(MaxCost) : null,
            MaxMilliseconds = Kind == CheckKind.Limit ? Number<long>(MaxMilliseconds) : null,
            JudgePromptId = Kind == CheckKind.Judge ? JudgePromptId : null,
            JudgeVersion = Kind == CheckKind.Judge && JudgeVersion.Trim().Length > 0 ? JudgeVersion.Trim() : null,
            JudgeModelProfileId = Kind == CheckKind.Judge ? JudgeModelProfileId : null,
        };

    /// <summary>The errors of one check in the list.</summary>
    public static IEnumerable<string> Errors(FieldErrors errors, int index) =>
        Fields.Select(field => errors.At($"checks[{index}].{field}")).OfType<string>();

    private static string Text<T>(T? value)
        where T : struct, IFormattable => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    /// <summary>Anything but a number becomes 0, which the rules refuse with a message.</summary>
    private static T? Number<T>(string text)
        where T : struct, IParsable<T> =>
        string.IsNullOrWhiteSpace(text) ? null
        : T.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value
        : default(T);

    /// <summary>Invalid JSON becomes a string, which is never a valid schema.</summary>
    private static JsonElement? Json(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
