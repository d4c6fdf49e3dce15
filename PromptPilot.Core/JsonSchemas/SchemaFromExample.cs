using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>Makes a schema of an example answer.</summary>
public static class SchemaFromExample
{
    /// <summary>
    /// The example fits the schema. Its objects are closed, and a field is required if all objects in its place have it. A null says
    /// nothing about the type, so a text is assumed beside it.
    /// </summary>
    public static JsonObject Of(JsonElement example) => Of([example]);

    private static JsonObject Of(IReadOnlyList<JsonElement> values)
    {
        var objects = values.Where(value => value.ValueKind == JsonValueKind.Object).ToList();
        var lists = values.Where(value => value.ValueKind == JsonValueKind.Array).ToList();
        var plain = values.Where(value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)).ToList();
        var parts = new List<JsonObject>();
        if (objects.Count > 0)
        {
            parts.Add(OfObjects(objects));
        }

        if (lists.Count > 0)
        {
            var items = lists.SelectMany(list => list.EnumerateArray()).ToList();
            parts.Add(
                new JsonObject { ["type"] = "array", ["items"] = items.Count == 0 ? new JsonObject { ["type"] = "string" } : Of(items) }
            );
        }

        if (plain.Count > 0)
        {
            parts.Add(OfPlain(plain, parts.Count == 0));
        }

        return parts.Count == 1 ? parts[0] : new JsonObject { ["anyOf"] = new JsonArray([.. parts]) };
    }

    private static JsonObject OfObjects(List<JsonElement> objects)
    {
        var names = objects
            .SelectMany(value => value.EnumerateObject())
            .Select(field => field.Name)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var name in names)
        {
            var values = objects.Where(value => value.TryGetProperty(name, out _)).Select(value => value.GetProperty(name)).ToList();
            properties[name] = Of(values);
            if (values.Count == objects.Count)
            {
                required.Add(name);
            }
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject OfPlain(List<JsonElement> values, bool isAlone)
    {
        var types = values.Select(TypeOf).Distinct().ToList();
        if (types.Contains("number"))
        {
            types.Remove("integer");
        }

        if (isAlone && types is ["null"])
        {
            types.Insert(0, "string");
        }

        var made = new JsonObject { ["type"] = types.Count == 1 ? types[0] : new JsonArray([.. types.Select(type => (JsonNode)type)]) };
        var texts = values.Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!).ToList();
        if (texts.Count > 0 && types.TrueForAll(type => type is "string" or "null"))
        {
            foreach (var format in new[] { "date", "date-time" })
            {
                if (texts.All(SchemaFormats.Find(format)!.Fits))
                {
                    made["format"] = format;
                }
            }
        }

        return made;
    }

    private static string TypeOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => value.TryGetDecimal(out var number) && decimal.Truncate(number) == number ? "integer" : "number",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            _ => "null",
        };
}
