using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>An input while it is edited: its default is what was typed, fitting or not.</summary>
public sealed record InputDraft
{
    /// <summary>Tells rows apart while names change.</summary>
    public string Key { get; init; } = Ids.New();

    public string Name { get; set; } = "";

    public VariableType Type { get; set; }

    public bool Required { get; set; } = true;

    /// <summary>The typed text; “true” or “false” for a boolean.</summary>
    public string Default { get; set; } = "";

    public string Description { get; set; } = "";

    /// <summary>One a line.</summary>
    public string Choices { get; set; } = "";

    public static InputDraft From(WorkflowInput input) =>
        new()
        {
            Name = input.Name,
            Type = input.Type,
            Required = input.Required,
            Default =
                input.Default is not { } value ? ""
                : value.ValueKind == JsonValueKind.String && input.Type != VariableType.Json ? value.GetString()!
                : value.GetRawText(),
            Description = input.Description ?? "",
            Choices = string.Join('\n', input.Choices),
        };

    public IReadOnlyList<string> ChoiceList() =>
        Choices.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// The input as it would be saved. A default that is not of its type goes as the text that it is, and is refused at its field.
    /// </summary>
    public WorkflowInput ToInput() =>
        new()
        {
            Name = Name.Trim(),
            Type = Type,
            Required = Required,
            Default = Default == "" ? null : Value(),
            Description = string.IsNullOrWhiteSpace(Description) ? null : Description.Trim(),
            Choices = Type == VariableType.Choice ? [.. ChoiceList()] : [],
        };

    /// <summary>Errors that only the form can detect: invalid JSON would otherwise pass as a JSON string.</summary>
    public string? DefaultProblem() =>
        Type == VariableType.Json && Default != "" && JsonText.Read(Default) is { IsOk: false } wrong ? wrong.Problem.Message : null;

    private JsonElement Value() =>
        Type switch
        {
            VariableType.Number => JsonText.TryReadNumber(Default, out var number) ? number : AppJson.Text(Default),
            VariableType.Boolean => bool.TryParse(Default, out var flag) ? JsonSerializer.SerializeToElement(flag) : AppJson.Text(Default),
            VariableType.Json => JsonText.Read(Default) is { IsOk: true } json ? json.Value : AppJson.Text(Default),
            // Refused at its field: a file has no default.
            VariableType.Text or VariableType.Choice or VariableType.Image or VariableType.Document => AppJson.Text(Default),
        };
}
