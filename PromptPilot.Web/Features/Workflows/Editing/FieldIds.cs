using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>Ties problems to the fields of the form.</summary>
internal static class FieldIds
{
    /// <summary>The id of the element that shows a field, e.g. <c>field-steps-1-inputMapping-notes</c>.</summary>
    public static string Of(string field) => "field-" + field.Replace("[", "-", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('.', '-');

    /// <summary>Where a field is, in words: “Step 2, notes”.</summary>
    public static string Words(string field)
    {
        var parts = field.Split('.');
        var place = parts[0].Split('[', ']') switch
        {
            ["steps", var index, ..] => $"Step {Number(index)}",
            ["inputs", var index, ..] => $"Input {Number(index)}",
            ["steps"] => "Steps",
            ["inputs"] => "Inputs",
            ["tags"] => "Tags",
            _ => "Name",
        };
        return parts switch
        {
            [_, "inputMapping", var variable] => $"{place}, {variable}",
            [_, "outputKey"] => $"{place}, output key",
            [_, "promptId" or "promptVersion" or "promptLabel"] => $"{place}, prompt",
            [_, "model"] => $"{place}, model profile",
            [_, var part] => $"{place}, {part}",
            _ => place,
        };
    }

    /// <summary>All that is wrong at a field in one line, or null.</summary>
    public static string? At(this IEnumerable<WorkflowProblem> problems, params string[] fields)
    {
        var messages = problems.Where(p => fields.Contains(p.Field)).Select(p => p.Column is null ? p.Message : $"{p.Message} (column {p.Column})").ToList();
        return messages.Count == 0 ? null : string.Join(" ", messages);
    }

    private static int Number(string index) => int.Parse(index, System.Globalization.CultureInfo.InvariantCulture) + 1;
}
