using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.TestSets;

/// <summary>Inputs of test cases as the text of a cell, and back.</summary>
public static class CaseValues
{
    /// <returns>The value; null when the text is none of the type. Numbers, booleans and JSON are read as JSON.</returns>
    public static JsonElement? Parse(string cell, VariableType type)
    {
        if (type is VariableType.Text or VariableType.Choice)
        {
            return AppJson.Text(cell);
        }

        try
        {
            var value = JsonSerializer.Deserialize<JsonElement>(type == VariableType.Boolean ? cell.ToLowerInvariant() : cell);
            return type switch
            {
                VariableType.Number => value.ValueKind == JsonValueKind.Number ? value : null,
                VariableType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value : null,
                _ => value,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Strings unchanged, anything else as JSON; null for no value.</summary>
    public static string? Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => value.GetRawText(),
        };

    /// <summary>What the text of a cell has to be.</summary>
    internal static string Wanted(VariableType type) =>
        type switch
        {
            VariableType.Number => "a number",
            VariableType.Boolean => "true or false",
            VariableType.Image or VariableType.Document => "a reference to an uploaded file, such as {\"file\": \"…\"}",
            _ => "a JSON value",
        };
}
