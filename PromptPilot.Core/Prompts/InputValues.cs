using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>Checks that a JSON value is of a declared type.</summary>
internal static class InputValues
{
    /// <summary>The error in the value, or null when it is valid.</summary>
    public static string? Problem(JsonElement value, VariableType type, IReadOnlyList<string> choices)
    {
        if (Unusable(value) is { } unusable)
        {
            return unusable;
        }

        var fits = type switch
        {
            VariableType.Text => value.ValueKind == JsonValueKind.String,
            VariableType.Number => value.ValueKind == JsonValueKind.Number,
            VariableType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            VariableType.Choice => value.ValueKind == JsonValueKind.String && choices.Contains(value.GetString()!),
            VariableType.Json => true,
            VariableType.Image => FileReference.Read(value) is { Kind: FileKind.Picture },
            VariableType.Document => FileReference.Read(value) is { Kind: FileKind.Document },
        };
        return fits ? null : $"This must be {Wanted(type, choices)}, not {Given(value, type)}.";
    }

    private static string Wanted(VariableType type, IReadOnlyList<string> choices) =>
        type switch
        {
            VariableType.Text => "text",
            VariableType.Number => "a number",
            VariableType.Boolean => "true or false",
            VariableType.Choice => "one of " + string.Join(", ", choices.Select(choice => $"“{choice}”")),
            VariableType.Json => "a JSON value",
            VariableType.Image => MediaTypes.Accepted(FileKind.Picture),
            VariableType.Document => MediaTypes.Accepted(FileKind.Document),
        };

    private static string Given(JsonElement value, VariableType type) =>
        value.ValueKind switch
        {
            JsonValueKind.String when type == VariableType.Choice => $"“{value.GetString()}”",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "true or false",
            JsonValueKind.Array => "a list",
            JsonValueKind.Object when FileReference.Read(value) is { } file => $"a {MediaTypes.NameOf(file.Type)}",
            JsonValueKind.Object => "an object",
            _ => "nothing",
        };

    /// <summary>Why no value of any type may be like this, or null: nested too deep, or with a text that cannot be stored.</summary>
    public static string? Unusable(JsonElement value) => JsonLimits.IsTooDeep(value) ? JsonLimits.TooDeep : JsonText.Fault(value);
}
