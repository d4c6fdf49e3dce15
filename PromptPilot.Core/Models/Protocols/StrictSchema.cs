using System.Text.Json;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>
/// Which schemas a provider can keep to word by word ("strict"): every object closed, every field required, and only some keywords, as
/// OpenAI's guide to structured outputs has it.
/// A request that says strict with any other schema is refused; without it, the schema is a strong hint.
/// </summary>
internal static class StrictSchema
{
    private const int MaxDepth = 10;

    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "anyOf",
        "$ref",
        "$defs",
        "definitions",
        "title",
        "description",
    };

    /// <summary>The schema says that the value is an object.</summary>
    public static bool IsOfObject(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String
        && type.ValueEquals("object");

    public static bool Fits(JsonElement schema) => IsOfObject(schema) && !schema.TryGetProperty("anyOf", out _) && Fits(schema, 1);

    private static bool Fits(JsonElement schema, int depth)
    {
        if (
            schema.ValueKind != JsonValueKind.Object
            || depth > MaxDepth
            || schema.EnumerateObject().Any(keyword => !Keywords.Contains(keyword.Name))
        )
        {
            return false;
        }

        return (!MayBeObject(schema) || IsClosed(schema)) && Schemas(schema).All(inner => Fits(inner, depth + 1));
    }

    private static bool MayBeObject(JsonElement schema) =>
        schema.TryGetProperty("properties", out _)
        || (
            schema.TryGetProperty("type", out var type)
            && (type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(IsObjectWord) : IsObjectWord(type))
        );

    private static bool IsObjectWord(JsonElement type) => type.ValueKind == JsonValueKind.String && type.ValueEquals("object");

    private static bool IsClosed(JsonElement schema)
    {
        if (
            !schema.TryGetProperty("additionalProperties", out var more)
            || more.ValueKind != JsonValueKind.False
            || !schema.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("required", out var required)
            || required.ValueKind != JsonValueKind.Array
        )
        {
            return false;
        }

        var names = required
            .EnumerateArray()
            .Where(name => name.ValueKind == JsonValueKind.String)
            .Select(name => name.GetString()!)
            .ToHashSet(StringComparer.Ordinal);
        return properties.EnumerateObject().All(property => names.Contains(property.Name));
    }

    private static IEnumerable<JsonElement> Schemas(JsonElement schema)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            switch (keyword.Name, keyword.Value.ValueKind)
            {
                case ("properties" or "$defs" or "definitions", JsonValueKind.Object):
                    foreach (var entry in keyword.Value.EnumerateObject())
                    {
                        yield return entry.Value;
                    }

                    break;
                case ("anyOf", JsonValueKind.Array):
                    foreach (var entry in keyword.Value.EnumerateArray())
                    {
                        yield return entry;
                    }

                    break;
                case ("items", _):
                    yield return keyword.Value;
                    break;
            }
        }
    }
}
