using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptPilot.Core.Models.Schemas;

/// <summary>
/// Writes a schema in a provider's part of JSON Schema. The result never forbids a value that the schema allows: what the provider does
/// not know is left out, and told to the model in the description. For one schema.
/// </summary>
internal sealed class SchemaAdapter(SchemaDialect dialect, JsonElement schema)
{
    private const int MostCharactersOfLimit = 200;

    /// <summary>Keywords that all providers know.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
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

    /// <summary>They say nothing about which values match.</summary>
    private static readonly HashSet<string> Notes = new(StringComparer.Ordinal)
    {
        "$schema",
        "$id",
        "id",
        "$comment",
        "$anchor",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "discriminator",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
    };

    private readonly List<string> _left = [];
    private int _optional;
    private int _unions;

    /// <summary>The first reason why the schema cannot be written for this provider.</summary>
    public string? Misfit { get; private set; }

    public IReadOnlyList<string> Left => _left;

    /// <summary>Null: it does not fit.</summary>
    public JsonElement? Adapt()
    {
        if (WithRoot(schema) is not { } root)
        {
            Fail("$.$ref leads back to itself");
            return null;
        }

        if (dialect.IsOfObject && !IsOfObject(root))
        {
            Fail("its top level is not an object");
        }

        if (dialect.IsOfObject && (root.ContainsKey("anyOf") || root.ContainsKey("oneOf")))
        {
            Fail("its top level has alternatives");
        }

        if (dialect.HasNoCycles && SchemaCycles.Has(root))
        {
            Fail("it refers to itself");
        }

        var adapted = Misfit is null ? Of(root, "$", 1) : null;
        if (_optional > dialect.MostOptional)
        {
            Fail($"more than {dialect.MostOptional} of its fields are optional");
        }

        if (_unions > dialect.MostUnions)
        {
            Fail($"more than {dialect.MostUnions} of its fields have several types");
        }

        return Misfit is null ? JsonSerializer.SerializeToElement(adapted) : null;
    }

    /// <summary>The schema with its top level in place of a reference, as Pydantic writes models that contain themselves.</summary>
    public static JsonObject? WithRoot(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var whole = JsonObject.Create(schema)!;
        var root = whole.DeepClone().AsObject();
        for (var i = 0; root["$ref"] is JsonValue reference && reference.TryGetValue(out string? pointer); i++)
        {
            if (i > SchemaDialect.MaxDepth || SchemaCycles.Find(whole, pointer) is not JsonObject target)
            {
                return null;
            }

            root.Remove("$ref");
            foreach (var (name, value) in target)
            {
                root.TryAdd(name, value?.DeepClone());
            }
        }

        return root;
    }

    public static bool IsOfObject(JsonObject root) =>
        root["type"] is JsonValue type && type.TryGetValue(out string? name) && name == "object";

    private JsonObject? Of(JsonNode? node, string place, int depth)
    {
        if (node is not JsonObject source)
        {
            return Fail($"{place} allows anything, or nothing");
        }

        if (depth > SchemaDialect.MaxDepth)
        {
            return Fail($"{place} is nested more than {SchemaDialect.MaxDepth} levels deep");
        }

        if (source.ContainsKey("patternProperties") && source.ContainsKey("additionalProperties"))
        {
            return Fail($"it does not support {place}.patternProperties");
        }

        if (source.ContainsKey("prefixItems") && source.ContainsKey("items"))
        {
            return Fail($"it does not support {place}.prefixItems");
        }

        var from = Plain(source);
        var made = new JsonObject();
        var limits = new List<string>();
        foreach (var (name, value) in from)
        {
            if (Known.Contains(name))
            {
                made[name] = Value(name, value, $"{place}.{name}", depth);
            }
            else if (name == "format" ? value is JsonValue format && dialect.Formats.Contains(format.ToString()) : IsKept(name, value))
            {
                made[name] = value?.DeepClone();
            }
            else if (!Notes.Contains(name) && !name.StartsWith("x-", StringComparison.Ordinal))
            {
                limits.Add($"{name}: {value?.ToJsonString() ?? "null"}");
                _left.Add($"{place}.{name}");
            }
        }

        AddType(made);
        Describe(made, limits);
        Check(made, place);
        return made;
    }

    /// <summary>Without the keywords that another way of writing says as well.</summary>
    private JsonObject Plain(JsonObject source)
    {
        var from = source.DeepClone().AsObject();
        if (from["oneOf"] is JsonArray one && !from.ContainsKey("anyOf"))
        {
            // The answer is checked for “exactly one” here.
            from.Remove("oneOf");
            from["anyOf"] = one;
        }

        if (from["allOf"] is JsonArray { Count: 1 } all && !from.ContainsKey("anyOf"))
        {
            from.Remove("allOf");
            from["anyOf"] = all;
        }

        // Providers refuse other keywords beside a reference.
        if (from["$ref"] is { } reference && from.Any(keyword => keyword.Key is not "$ref") && !from.ContainsKey("anyOf"))
        {
            from.Remove("$ref");
            from["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = reference });
        }

        if (dialect.HasNoConstants && from.ContainsKey("const"))
        {
            var value = from["const"];
            from.Remove("const");
            from["enum"] = new JsonArray(value?.DeepClone());
        }

        if (dialect.HasNoConstants && from["enum"] is JsonArray choices && choices.Any(choice => !IsTextOrNumber(choice)))
        {
            var types = choices.Select(TypeOf).Distinct().ToArray();
            from.Remove("enum");
            from.TryAdd("type", types.Length == 1 ? types[0] : new JsonArray([.. types.Select(type => (JsonNode)type)]));
        }

        return from;
    }

    private JsonNode? Value(string name, JsonNode? value, string place, int depth)
    {
        switch (name)
        {
            case "properties" or "$defs" or "definitions" when value is JsonObject map:
                var made = new JsonObject();
                foreach (var (key, part) in map)
                {
                    made[key] = Of(part, $"{place}.{key}", name == "properties" ? depth + 1 : 2);
                }

                return made;
            case "anyOf" when value is JsonArray list:
                _unions++;
                return new JsonArray([.. list.Select((part, index) => (JsonNode?)Of(part, $"{place}[{index}]", depth))]);
            case "items":
                return Of(value, place, depth + 1);
            case "additionalProperties" when value is JsonObject more:
                return dialect.HasClosedObjects ? null : Of(more, place, depth + 1);
            case "$ref" when value is JsonValue reference && !IsToDefinition(reference.ToString()):
                return Fail($"{place} refers to something outside “$defs”");
            default:
                return value?.DeepClone();
        }
    }

    private void Check(JsonObject made, string place)
    {
        if (made["type"] is JsonArray)
        {
            _unions++;
        }

        if (made.Count == 0 || (!made.ContainsKey("type") && !made.ContainsKey("anyOf") && !made.ContainsKey("$ref")))
        {
            Fail($"{place} has no type");
        }

        if (made.ContainsKey("$ref") && made.Count > 1)
        {
            Fail($"{place} has a reference alongside alternatives");
        }

        if (Has(made, "array") && made["items"] is not JsonObject)
        {
            Fail($"{place} does not define its items");
        }

        if (!Has(made, "object"))
        {
            return;
        }

        if (dialect.HasClosedObjects && !(made["additionalProperties"] is JsonValue more && more.GetValueKind() == JsonValueKind.False))
        {
            Fail($"{place} allows other fields. Add \"additionalProperties\": false there");
        }

        var required = (made["required"] as JsonArray ?? []).Select(name => name?.ToString()).ToHashSet();
        var optional = (made["properties"] as JsonObject ?? []).Select(field => field.Key).Where(name => !required.Contains(name)).ToList();
        _optional += optional.Count;
        if (dialect.HasAllFields && optional.Count > 0)
        {
            Fail($"{place}.properties.{optional[0]} is not required");
        }

        if (dialect.HasClosedObjects)
        {
            made.TryAdd("properties", new JsonObject());
            made.TryAdd("required", new JsonArray());
        }
    }

    /// <summary>Providers refuse a choice without its type.</summary>
    private static void AddType(JsonObject made)
    {
        if (made.ContainsKey("type") || made.ContainsKey("anyOf") || made.ContainsKey("$ref"))
        {
            return;
        }

        List<string> types =
        [
            .. (made["enum"] as JsonArray ?? []).Select(TypeOf).Distinct(),
            .. made.ContainsKey("const") ? new[] { TypeOf(made["const"]) } : [],
        ];
        if (types.Count == 1)
        {
            made["type"] = types[0];
        }
        else if (types.Count > 1)
        {
            made["type"] = new JsonArray([.. types.Select(type => (JsonNode)type)]);
        }
        else if (made.ContainsKey("properties"))
        {
            made["type"] = "object";
        }
    }

    private static void Describe(JsonObject made, List<string> limits)
    {
        var shown = limits.Where(limit => limit.Length <= MostCharactersOfLimit).ToList();
        if (shown.Count > 0 && !made.ContainsKey("$ref"))
        {
            var text = made["description"] is JsonValue description ? $"{description} " : "";
            made["description"] = $"{text}({string.Join(", ", shown)})";
        }
    }

    /// <summary>OpenAI runs patterns without look-around, as the check here does.</summary>
    private bool IsKept(string name, JsonNode? value) =>
        dialect.Keywords.Contains(name)
        && (name != "pattern" || !(value?.ToString().Contains("(?", StringComparison.Ordinal) ?? false))
        && value?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False);

    private static bool IsToDefinition(string reference) =>
        reference == "#"
        || reference.StartsWith("#/$defs/", StringComparison.Ordinal)
        || reference.StartsWith("#/definitions/", StringComparison.Ordinal);

    private static bool IsTextOrNumber(JsonNode? value) => value?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number;

    private static bool Has(JsonObject made, string type) =>
        made["type"] switch
        {
            JsonArray types => types.Any(name => name?.ToString() == type),
            JsonValue name => name.ToString() == type,
            _ => false,
        };

    private static string TypeOf(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            _ => "null",
        };

    private JsonObject? Fail(string reason)
    {
        Misfit ??= reason;
        return null;
    }
}
