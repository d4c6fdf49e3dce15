using System.Text.Json;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>
/// The keywords that the library is given as they are, and what each may hold: the library takes anything, and stumbles over it only
/// when it checks a value. Any other keyword is a note that says nothing of validity.
/// </summary>
internal static class SchemaKeywords
{
    private static readonly Dictionary<string, Action<JsonElement, string>> Checks = new(StringComparer.Ordinal)
    {
        ["enum"] = Choices,
        ["required"] = Names,
        ["minimum"] = Number,
        ["maximum"] = Number,
        ["exclusiveMinimum"] = NumberOrTruth,
        ["exclusiveMaximum"] = NumberOrTruth,
        ["multipleOf"] = Divisor,
        ["minLength"] = Count,
        ["maxLength"] = Count,
        ["minItems"] = Count,
        ["maxItems"] = Count,
        ["minProperties"] = Count,
        ["maxProperties"] = Count,
        ["uniqueItems"] = Truth,
        ["format"] = Text,
    };

    public static bool Contains(string keyword) => Checks.ContainsKey(keyword);

    /// <exception cref="SchemaException">The keyword cannot have this value.</exception>
    public static void Check(string keyword, JsonElement value, string place) => Checks[keyword](value, place);

    private static void Number(JsonElement value, string place) =>
        Require(
            value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out _),
            place,
            "must be a number between -79228162514264337593543950335 and 79228162514264337593543950335"
        );

    private static void NumberOrTruth(JsonElement value, string place)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Number(value, place);
        }
    }

    private static void Divisor(JsonElement value, string place)
    {
        Number(value, place);
        Require(value.GetDecimal() > 0, place, "must be above 0");
    }

    private static void Count(JsonElement value, string place) =>
        Require(
            value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0,
            place,
            $"must be a whole number from 0 to {int.MaxValue}"
        );

    private static void Truth(JsonElement value, string place) =>
        Require(value.ValueKind is JsonValueKind.True or JsonValueKind.False, place, "must be true or false");

    private static void Text(JsonElement value, string place) =>
        Require(value.ValueKind == JsonValueKind.String, place, "must be a string");

    private static void Choices(JsonElement value, string place) =>
        Require(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0, place, "must be a list of the allowed values");

    private static void Names(JsonElement value, string place) =>
        Require(
            value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String),
            place,
            "must be a list of the names of fields"
        );

    private static void Require(bool isRight, string place, string wanted)
    {
        if (!isRight)
        {
            throw new SchemaException($"{place} {wanted}.");
        }
    }
}
