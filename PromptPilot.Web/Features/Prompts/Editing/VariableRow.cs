using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Prompts.Editing;

/// <summary>A variable in the form. Values are text while they are edited.</summary>
public sealed class VariableRow(string name)
{
    public string Name { get; } = name;

    /// <summary>It has a definition in the saved prompt, even if that says nothing.</summary>
    public bool IsSaved { get; private init; }

    public VariableType Type { get; set; }

    public string Description { get; set; } = "";

    public bool Required { get; set; } = true;

    public string Default { get; set; } = "";

    public string Example { get; set; } = "";

    /// <summary>Separated by commas.</summary>
    public string Choices { get; set; } = "";

    public IReadOnlyList<string> ChoiceList => Choices.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether there is anything to store.</summary>
    public bool SaysSomething =>
        IsSaved || Type != VariableType.Text || !Required || (Description + Default + Example + Choices).Length > 0;

    public static VariableRow Of(VariableDefinition definition) =>
        new(definition.Name)
        {
            IsSaved = true,
            Type = definition.Type,
            Description = definition.Description ?? "",
            Required = definition.Required,
            Default = Text(definition.Default),
            Example = Text(definition.Example),
            Choices = string.Join(", ", definition.Choices),
        };

    /// <summary>Sets one part from a draft; what is not known is left alone.</summary>
    public void Take(string part, string value)
    {
        switch (part)
        {
            case "type":
                Type = Enum.TryParse<VariableType>(value, out var type) ? type : Type;
                break;
            case "description":
                Description = value;
                break;
            case "required":
                Required = value == "true";
                break;
            case "default":
                Default = value;
                break;
            case "example":
                Example = value;
                break;
            case "choices":
                Choices = value;
                break;
        }
    }

    /// <summary>
    /// The definition, and what is wrong with values that are not of the type; <paramref name="field"/> leads the field names.
    /// </summary>
    public VariableDefinition ToDefinition(string field, List<FieldError> errors) =>
        new()
        {
            Name = Name,
            Type = Type,
            Description = string.IsNullOrWhiteSpace(Description) ? null : Description.Trim(),
            Required = Required,
            Default = Value(Default, $"{field}.default", errors),
            Example = Value(Example, $"{field}.example", errors),
            Choices = Type == VariableType.Choice ? [.. ChoiceList] : [],
        };

    private JsonElement? Value(string text, string field, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        switch (Type)
        {
            case VariableType.Number:
                if (JsonText.TryReadNumber(text, out var number))
                {
                    return number;
                }

                errors.Add(new FieldError(field, "Enter a number."));
                return null;
            case VariableType.Boolean:
                if (bool.TryParse(text, out var truth))
                {
                    return JsonSerializer.SerializeToElement(truth, AppJson.Options);
                }

                errors.Add(new FieldError(field, "Enter true or false."));
                return null;
            case VariableType.Json:
                var json = JsonText.Read(text);
                if (json.IsOk)
                {
                    return json.Value;
                }

                errors.Add(new FieldError(field, json.Problem.Message));
                return null;
            case VariableType.Text or VariableType.Choice:
            default:
                return AppJson.Text(text);
        }
    }

    private static string Text(JsonElement? value) =>
        value switch
        {
            null => "",
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } other => other.GetRawText(),
        };
}
