using System.Text.Json;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>Looks into JSON of unknown shape: what is not there, or of another kind, is null or empty.</summary>
internal static class JsonShape
{
    public static JsonElement? At(this JsonElement value, params string[] path)
    {
        var here = value;
        foreach (var name in path)
        {
            if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(name, out here))
            {
                return null;
            }
        }

        return here;
    }

    public static string? TextAt(this JsonElement value, params string[] path) =>
        value.At(path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static IReadOnlyList<JsonElement> ListAt(this JsonElement value, params string[] path) =>
        value.At(path) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    public static bool Has(this JsonElement value, params string[] path) => value.At(path) is not null;

    /// <summary>A text, or the texts of a list of parts.</summary>
    public static string TextOf(JsonElement? value) =>
        value switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Join(
                "\n",
                parts.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString() : part.TextAt("text"))
            ),
            _ => "",
        };
}
