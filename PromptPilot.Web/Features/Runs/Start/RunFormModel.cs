using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Files;

namespace PromptPilot.Web.Features.Runs.Start;

/// <summary>The content of a run form, and the JSON values built from it.</summary>
internal sealed class RunFormModel
{
    /// <summary>Texts above this are not remembered in the browser.</summary>
    private const int RememberLimit = 8 * 1024;

    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };

    private readonly Dictionary<string, string> _texts;

    public RunFormModel(IReadOnlyList<WorkflowInput> inputs)
    {
        Inputs = inputs;
        _texts = inputs.ToDictionary(input => input.Name, input => input.Default is { } value ? TextOf(value) : Empty(input));
    }

    public IReadOnlyList<WorkflowInput> Inputs { get; }

    /// <summary>The text of a field; <c>true</c> or <c>false</c> for switches.</summary>
    public string this[string name]
    {
        get => _texts[name];
        set => _texts[name] = value;
    }

    /// <summary>
    /// The values; empty fields are left out, so that defaults apply. What cannot be read is an error at <c>inputs.NAME</c>; the rest is
    /// for the service to judge.
    /// </summary>
    public Result<Dictionary<string, JsonElement>> Read()
    {
        var values = new Dictionary<string, JsonElement>();
        var errors = new List<FieldError>();
        foreach (var input in Inputs)
        {
            var text = _texts[input.Name];
            if (text.Length == 0 || (input.Type != VariableType.Text && string.IsNullOrWhiteSpace(text)))
            {
                if (input is { Required: true, Default: null })
                {
                    errors.Add(new FieldError($"inputs.{input.Name}", "This field is required."));
                }

                continue;
            }

            var value = Value(input, text);
            if (value.IsOk)
            {
                values[input.Name] = value.Value;
            }
            else
            {
                errors.Add(new FieldError($"inputs.{input.Name}", value.Problem.Message));
            }
        }

        return errors.Count == 0 ? values : Problem.Invalid("Fix the highlighted inputs.", errors);
    }

    /// <summary>Puts values into the fields of their names.</summary>
    public void Fill(IReadOnlyDictionary<string, JsonElement>? values)
    {
        foreach (var input in Inputs)
        {
            if (
                values is not null
                && values.TryGetValue(input.Name, out var value)
                && TextOf(value) is { Length: > 0 } text
                && (input.Type != VariableType.Choice || input.Choices.Contains(text))
            )
            {
                _texts[input.Name] = text;
            }
        }
    }

    /// <summary>Puts texts into the fields of their names.</summary>
    public void Fill(IEnumerable<KeyValuePair<string, string>>? texts)
    {
        foreach (var (name, text) in texts ?? [])
        {
            if (
                Inputs.FirstOrDefault(input => input.Name == name) is { } input
                && (input.Type != VariableType.Choice || input.Choices.Contains(text))
            )
            {
                _texts[name] = text;
            }
        }
    }

    /// <summary>Keeps what was typed into another form of the same workflow, where there still is such an input.</summary>
    public void TakeOver(RunFormModel? other)
    {
        foreach (var input in Inputs)
        {
            if (
                other?.Inputs.FirstOrDefault(before => before.Name == input.Name) is { } before
                && before.Type == input.Type
                && (input.Type != VariableType.Choice || input.Choices.Contains(other[input.Name]))
            )
            {
                _texts[input.Name] = other[input.Name];
            }
        }
    }

    /// <summary>The form as text to keep in the browser.</summary>
    public string Remember() =>
        JsonSerializer.Serialize(_texts.Where(text => text.Value.Length <= RememberLimit).ToDictionary(), AppJson.Options);

    /// <summary>Fills in what <see cref="Remember"/> kept, as far as it still fits the inputs.</summary>
    public void Recall(string? remembered)
    {
        if (string.IsNullOrEmpty(remembered))
        {
            return;
        }

        try
        {
            foreach (var (name, text) in JsonSerializer.Deserialize<Dictionary<string, string>>(remembered, AppJson.Options) ?? [])
            {
                if (
                    Inputs.FirstOrDefault(input => input.Name == name) is { } input
                    && (input.Type != VariableType.Choice || input.Choices.Contains(text))
                )
                {
                    _texts[name] = text;
                }
            }
        }
        catch (JsonException)
        {
            // Something else wrote under the key: the form starts with its defaults.
        }
    }

    private static Result<JsonElement> Value(WorkflowInput input, string text) =>
        input.Type switch
        {
            VariableType.Text or VariableType.Choice => AppJson.Text(text),
            VariableType.Boolean => JsonSerializer.SerializeToElement(text == "true"),
            VariableType.Number => Number(text),
            VariableType.Json => JsonText.Read(text),
            VariableType.Image => File(text, FileKind.Picture),
            VariableType.Document => File(text, FileKind.Document),
        };

    private static Result<JsonElement> File(string text, FileKind kind) =>
        FileValue.Read(text) is { } file ? file.ToJson() : Problem.Invalid($"Choose {MediaTypes.Accepted(kind)}.");

    private static Result<JsonElement> Number(string text) =>
        JsonText.TryReadNumber(text, out var number) ? number : Problem.Invalid("Enter a number, such as 12 or 0.5.");

    private static string TextOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => JsonSerializer.Serialize(value, Indented),
        };

    private static string Empty(WorkflowInput input) => input is { Type: VariableType.Boolean, Required: true } ? "false" : "";
}
