using System.Text.Json;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>The keywords of JSON Schema by what they do, and what their values may be.</summary>
internal static class SchemaKeywords
{
    private const string MostNumber = "79228162514264337593543950335";

    /// <summary>They say something to the reader, and nothing about which values match.</summary>
    private static readonly HashSet<string> Notes = new(StringComparer.Ordinal)
    {
        "$schema",
        "$id",
        "id",
        "$comment",
        "$vocabulary",
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "discriminator",
        "externalDocs",
        "xml",
        "propertyOrdering",
        "enumNames",
        "enumDescriptions",
        "markdownDescription",
        "errorMessage",
        "tsType",
    };

    private static readonly HashSet<string> Applied = new(StringComparer.Ordinal)
    {
        "type",
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "items",
        "prefixItems",
        "additionalItems",
        "unevaluatedItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "required",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "$ref",
        "$defs",
        "definitions",
        "$anchor",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
    };

    /// <summary>References that depend on how a schema was reached.</summary>
    private static readonly HashSet<string> Refused = new(StringComparer.Ordinal)
    {
        "$dynamicRef",
        "$dynamicAnchor",
        "$recursiveRef",
        "$recursiveAnchor",
    };

    public static bool IsNote(string keyword) => Notes.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal);

    public static bool IsApplied(string keyword) => Applied.Contains(keyword);

    public static bool IsRefused(string keyword) => Refused.Contains(keyword);

    /// <summary>The message for a keyword that does nothing, with the one that was probably meant.</summary>
    public static string Unknown(string keyword, string place) =>
        keyword == "nullable"
            ? $"{place} is a keyword of OpenAPI. Write \"type\": [\"string\", \"null\"] instead, with the type of this field."
            : $"{place} is not a keyword of JSON Schema and would be ignored. "
                + (
                    Closest(keyword) is { } meant
                        ? $"Did you mean “{meant}”?"
                        : "Remove it, or start its name with “x-” to keep it as a note."
                );

    public static decimal Number(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            ? number
            : throw new SchemaException($"{place} must be a number between -{MostNumber} and {MostNumber}.");

    public static decimal Divisor(JsonElement value, string place) =>
        Number(value, place) is > 0 and var number ? number : throw new SchemaException($"{place} must be above 0.");

    public static int Count(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Number
        && value.TryGetDecimal(out var count)
        && count is >= 0 and <= int.MaxValue
        && decimal.Truncate(count) == count
            ? (int)count
            : throw new SchemaException($"{place} must be a whole number from 0 to {int.MaxValue}.");

    public static bool Truth(JsonElement value, string place) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new SchemaException($"{place} must be true or false.");

    public static string Text(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new SchemaException($"{place} must be a string.");

    public static SchemaChoices Choices(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? new SchemaChoices([.. value.EnumerateArray()])
            : throw new SchemaException($"{place} must be a list of the allowed values.");

    public static IReadOnlyList<string> Names(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(name => name.GetString()!).Distinct(StringComparer.Ordinal)]
            : throw new SchemaException($"{place} must be a list of the names of fields.");

    public static SchemaTypes Types(JsonElement value, string place)
    {
        var names = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        var types = SchemaTypes.None;
        foreach (var name in names)
        {
            types |= (name.ValueKind == JsonValueKind.String ? name.GetString() : null) switch
            {
                "object" => SchemaTypes.Object,
                "array" => SchemaTypes.Array,
                "string" => SchemaTypes.String,
                "number" => SchemaTypes.Number,
                "integer" => SchemaTypes.Integer,
                "boolean" => SchemaTypes.Boolean,
                "null" => SchemaTypes.Null,
                _ => throw Wrong(),
            };
        }

        return names.Count > 0 ? types : throw Wrong();

        SchemaException Wrong() =>
            new($"{place} must be one of object, array, string, number, integer, boolean and null, or a list of them.");
    }

    private static string? Closest(string keyword)
    {
        var (best, distance) = Applied
            .Concat(Notes)
            .Select(known => (known, Distance(keyword.ToLowerInvariant(), known.ToLowerInvariant())))
            .MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, Math.Min(2, keyword.Length / 4)) ? best : null;
    }

    /// <summary>Levenshtein's.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var above = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var left = row[j - 1];
                (row[j], above) = (Math.Min(Math.Min(row[j], left) + 1, above + (a[i - 1] == b[j - 1] ? 0 : 1)), row[j]);
            }
        }

        return row[b.Length];
    }
}
