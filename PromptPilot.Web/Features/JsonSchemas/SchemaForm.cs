using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptPilot.Web.Features.JsonSchemas;

/// <summary>A schema as a form: an object with named fields. Other schemas are edited as JSON.</summary>
internal sealed class SchemaForm
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    /// <summary>They combine schemas, which a form of fields cannot show.</summary>
    private static readonly HashSet<string> OnlyAsJson = new(StringComparer.Ordinal)
    {
        "$ref",
        "$defs",
        "definitions",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "const",
        "prefixItems",
        "additionalItems",
        "contains",
        "patternProperties",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "unevaluatedProperties",
        "unevaluatedItems",
    };

    private SchemaForm(SchemaField root) => Root = root;

    /// <summary>The answer itself, a group.</summary>
    public SchemaField Root { get; }

    public List<SchemaField> Fields => Root.Fields;

    /// <summary>The form of a schema; null: it can only be edited as JSON.</summary>
    public static SchemaForm? Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new SchemaForm(new SchemaField { Kind = SchemaFieldKind.Group });
        }

        try
        {
            return
                JsonNode.Parse(text) is JsonObject schema
                && Field(schema) is { Kind: SchemaFieldKind.Group, IsList: false, IsNullable: false } root
                ? new SchemaForm(root)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, or a name twice: the text says where.
            return null;
        }
    }

    /// <summary>The schema, indented. Fields without a name are left out; an empty form is an empty text.</summary>
    public string Write() => Fields.Count == 0 ? "" : Indent(Value(Root));

    public static string Indent(JsonObject schema) => schema.ToJsonString(Indented);

    /// <summary>Why a name cannot be used beside the other fields of its group; null: it can.</summary>
    public static string? NameProblem(IReadOnlyList<SchemaField> fields, SchemaField field) =>
        field.Name.Trim().Length == 0 ? "Enter a name. Until then, this field is left out."
        : fields.TakeWhile(other => other != field).Any(other => other.Name.Trim() == field.Name.Trim())
            ? "Another field has this name. Change one of them."
        : null;

    private static SchemaField? Field(JsonObject schema)
    {
        var (types, isNullable) = Types(schema["type"]);
        if (schema.Any(keyword => OnlyAsJson.Contains(keyword.Key)) || types is null)
        {
            return null;
        }

        if (types == "array")
        {
            return schema["items"] is JsonObject items && Field(items) is { IsList: false, IsNullable: false, Description: "" } item
                ? new SchemaField
                {
                    Kind = item.Kind,
                    IsList = true,
                    IsNullable = isNullable,
                    Description = Text(schema),
                    Choices = item.Choices,
                    Fields = item.Fields,
                    IsClosed = item.IsClosed,
                    Kept = item.Kept,
                    KeptOfList = Rest(schema, "type", "items", "description"),
                }
                : null;
        }

        if (KindOf(types, schema) is not { } kind)
        {
            return null;
        }

        var field = new SchemaField
        {
            Kind = kind,
            IsNullable = isNullable,
            Description = Text(schema),
            Kept = Rest(schema, "type", "description", "enum", "properties", "required", "additionalProperties", Known(kind)),
        };
        return kind switch
        {
            SchemaFieldKind.Choice => ReadChoices(field, schema),
            SchemaFieldKind.Group => ReadFields(field, schema),
            _ => field,
        };
    }

    private static SchemaFieldKind? KindOf(string type, JsonObject schema) =>
        (type, schema["format"]?.ToString()) switch
        {
            ("string", _) when schema.ContainsKey("enum") => SchemaFieldKind.Choice,
            (_, _) when schema.ContainsKey("enum") => null,
            ("string", "date") => SchemaFieldKind.Date,
            ("string", "date-time") => SchemaFieldKind.DateTime,
            ("string", _) => SchemaFieldKind.Text,
            ("integer", _) => SchemaFieldKind.WholeNumber,
            ("number", _) => SchemaFieldKind.Number,
            ("boolean", _) => SchemaFieldKind.YesNo,
            ("object", _) => SchemaFieldKind.Group,
            _ => null,
        };

    private static string Known(SchemaFieldKind kind) => kind is SchemaFieldKind.Date or SchemaFieldKind.DateTime ? "format" : "type";

    private static SchemaField? ReadChoices(SchemaField field, JsonObject schema)
    {
        var values = (schema["enum"] as JsonArray)?.ToList() ?? [];
        var texts = values.Where(value => value is not null).ToList();
        if (
            texts.Count == 0
            || texts.Exists(value => value!.GetValueKind() != JsonValueKind.String || value.ToString().AsSpan().IndexOfAny('\n', '\r') >= 0)
            || texts.Count != values.Count != field.IsNullable
        )
        {
            return null;
        }

        field.Choices = string.Join("\n", texts.Select(value => value!.ToString()));
        return field.Choices.Split('\n').All(choice => choice == choice.Trim() && choice.Length > 0) ? field : null;
    }

    private static SchemaField? ReadFields(SchemaField field, JsonObject schema)
    {
        if (schema["properties"] is not (null or JsonObject) || schema["additionalProperties"] is JsonObject)
        {
            return null;
        }

        var required = (schema["required"] as JsonArray)?.Select(name => name?.ToString()).ToHashSet() ?? [];
        foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
        {
            if (name != name.Trim() || name.Length == 0 || value is not JsonObject part || Field(part) is not { } inner)
            {
                return null;
            }

            inner.Name = name;
            inner.IsRequired = required.Remove(name);
            field.Fields.Add(inner);
        }

        field.IsClosed = schema["additionalProperties"]?.GetValueKind() == JsonValueKind.False;

        // A required field that is not described, or an explicit true, would be lost.
        return required.Count == 0 && (field.IsClosed || !schema.ContainsKey("additionalProperties")) ? field : null;
    }

    private static (string? Type, bool IsNullable) Types(JsonNode? type) =>
        type switch
        {
            JsonValue name when name.GetValueKind() == JsonValueKind.String => (name.ToString(), false),
            JsonArray { Count: 2 } names when names.Count(name => name?.ToString() == "null") == 1 => (
                names.First(name => name?.ToString() != "null")?.ToString(),
                true
            ),
            _ => (null, false),
        };

    private static string Text(JsonObject schema) => schema["description"]?.ToString() ?? "";

    private static JsonObject Rest(JsonObject schema, params string[] known)
    {
        var rest = new JsonObject();
        foreach (var (name, value) in schema.Where(keyword => !known.Contains(keyword.Key)))
        {
            rest[name] = value?.DeepClone();
        }

        return rest;
    }

    private static JsonObject Schema(SchemaField field)
    {
        if (!field.IsList)
        {
            return Value(field);
        }

        var list = new JsonObject { ["type"] = Type("array", field.IsNullable) };
        Describe(list, field);
        list["items"] = Value(field);
        Keep(list, field.KeptOfList);
        return list;
    }

    private static JsonObject Value(SchemaField field)
    {
        var isNullable = field.IsNullable && !field.IsList;
        var value = new JsonObject
        {
            ["type"] = Type(
                field.Kind switch
                {
                    SchemaFieldKind.WholeNumber => "integer",
                    SchemaFieldKind.Number => "number",
                    SchemaFieldKind.YesNo => "boolean",
                    SchemaFieldKind.Group => "object",
                    SchemaFieldKind.Text or SchemaFieldKind.Choice or SchemaFieldKind.Date or SchemaFieldKind.DateTime => "string",
                },
                isNullable
            ),
        };
        if (!field.IsList)
        {
            Describe(value, field);
        }

        switch (field.Kind)
        {
            case SchemaFieldKind.Date:
                value["format"] = "date";
                break;
            case SchemaFieldKind.DateTime:
                value["format"] = "date-time";
                break;
            case SchemaFieldKind.Choice when Choices(field) is { Count: > 0 } choices:
                value["enum"] = new JsonArray([
                    .. choices.Select(choice => (JsonNode?)choice),
                    .. isNullable ? new JsonNode?[] { null } : [],
                ]);
                break;
            case SchemaFieldKind.Group:
                WriteFields(value, field);
                break;
        }

        Keep(value, field.Kept);
        return value;
    }

    private static void WriteFields(JsonObject value, SchemaField group)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var field in group.Fields.Where(field => NameProblem(group.Fields, field) is null))
        {
            properties[field.Name.Trim()] = Schema(field);
            if (field.IsRequired)
            {
                required.Add(field.Name.Trim());
            }
        }

        value["properties"] = properties;
        value["required"] = required;
        if (group.IsClosed)
        {
            value["additionalProperties"] = false;
        }
    }

    private static List<string> Choices(SchemaField field) =>
        [
            .. field
                .Choices.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Distinct(StringComparer.Ordinal),
        ];

    private static JsonNode Type(string name, bool isNullable) => isNullable ? new JsonArray(name, "null") : JsonValue.Create(name);

    private static void Describe(JsonObject schema, SchemaField field)
    {
        if (field.Description.Trim().Length > 0)
        {
            schema["description"] = field.Description.Trim();
        }
    }

    private static void Keep(JsonObject schema, JsonObject kept)
    {
        foreach (var (name, value) in kept)
        {
            schema.TryAdd(name, value?.DeepClone());
        }
    }
}
