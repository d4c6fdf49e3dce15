using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>Something in a schema that cannot be checked. The message says where and what to do.</summary>
internal sealed class SchemaException(string message) : Exception(message);

/// <summary>
/// Rewrites a schema for the library, which supports draft 4: keywords of later drafts are translated, and a keyword that it would
/// silently ignore is refused.
/// A <c>pattern</c> becomes <see cref="PatternKeyword"/>, since the library would run it without a timeout.
/// </summary>
internal static class SchemaText
{
    public const string PatternKeyword = "x-promptpilot-pattern";
    private const int MaxPatternLength = 1000;
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private static readonly HashSet<string> Unchecked = new(StringComparer.Ordinal)
    {
        "if",
        "then",
        "else",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "propertyNames",
        "patternProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
        "$dynamicRef",
        "$recursiveRef",
        "$anchor",
        "$dynamicAnchor",
    };

    /// <summary>
    /// The library's own checks of these run without limit or are stricter than the standard; by it a format is a note to the reader
    /// anyway.
    /// </summary>
    private static readonly HashSet<string> Formats = new(StringComparer.Ordinal) { "date-time", "date", "uuid", "uri", "ipv4", "ipv6" };

    /// <summary>The schema as the library is given it.</summary>
    /// <exception cref="SchemaException">It cannot be checked faithfully.</exception>
    public static string Rewrite(JsonElement schema) => Schema(schema, "$").ToJsonString();

    /// <summary>A pattern that runs in time linear in its text.</summary>
    /// <exception cref="SchemaException">It is not a regular expression, or one that could run forever.</exception>
    public static Regex Pattern(string pattern, string place)
    {
        if (pattern.Length > MaxPatternLength)
        {
            throw new SchemaException($"{place}.pattern has more than {MaxPatternLength} characters. Shorten it.");
        }

        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (NotSupportedException)
        {
            throw new SchemaException(
                $"{place}.pattern uses a lookaround, a backreference or a repetition that is too large. It could run forever. Remove it."
            );
        }
        catch (ArgumentException exception)
        {
            throw new SchemaException($"{place}.pattern is not a regular expression: {exception.Message}");
        }
    }

    private static JsonObject Schema(JsonElement schema, string place)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                return [];
            case JsonValueKind.False:
                return new JsonObject { ["not"] = new JsonObject() };
            case JsonValueKind.Object:
                break;
            default:
                throw new SchemaException($"{place} must be an object, like {{\"type\": \"object\"}}.");
        }

        var rewritten = new JsonObject();
        foreach (var keyword in schema.EnumerateObject())
        {
            Rewrite(keyword, $"{place}.{keyword.Name}", place, rewritten);
        }

        return rewritten;
    }

    private static void Rewrite(JsonProperty keyword, string place, string parent, JsonObject rewritten)
    {
        var value = keyword.Value;
        switch (keyword.Name)
        {
            case "properties":
                rewritten[keyword.Name] = Map(value, place);
                break;
            case "$defs" or "definitions":
                // The library follows references inside “definitions” alone.
                rewritten["definitions"] = rewritten.ContainsKey("definitions")
                    ? throw new SchemaException($"{place} is used together with “definitions”. Put all of them under “$defs”.")
                    : Map(value, place);
                break;
            case "anyOf" or "allOf" or "oneOf":
                rewritten[keyword.Name] = List(value, place);
                break;
            case "items" when value.ValueKind == JsonValueKind.Array:
                throw new SchemaException($"{place} is a list, which is not supported. Use one schema for all items.");
            case "additionalProperties" or "additionalItems" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                rewritten[keyword.Name] = JsonValue.Create(value.GetBoolean());
                break;
            case "items" or "additionalProperties" or "additionalItems" or "not":
                rewritten[keyword.Name] = Schema(value, place);
                break;
            case "$ref":
                rewritten[keyword.Name] = Reference(value, place);
                break;
            case "pattern":
                rewritten[PatternKeyword] = Pattern(
                        value.ValueKind == JsonValueKind.String
                            ? value.GetString()!
                            : throw new SchemaException($"{place} must be a string."),
                        parent
                    )
                    .ToString();
                break;
            case "const":
                rewritten["enum"] = new JsonArray(JsonNode.Parse(value.GetRawText()));
                break;
            case "type":
                rewritten[keyword.Name] = Type(value, place);
                break;
            case "format" when value.ValueKind == JsonValueKind.String && !Formats.Contains(value.GetString()!):
                break;
            case "$schema" or "$id" or "$comment" or "title" or "description" or "default" or "examples" or PatternKeyword:
                break;
            case var name when Unchecked.Contains(name):
                throw new SchemaException($"{place} is not supported. Remove it, or express it in another way.");
            case var name when SchemaKeywords.Contains(name):
                SchemaKeywords.Check(name, value, place);
                rewritten[name] = JsonNode.Parse(value.GetRawText());
                break;
        }
    }

    private static JsonObject Map(JsonElement schemas, string place)
    {
        if (schemas.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException($"{place} must be an object of schemas.");
        }

        var rewritten = new JsonObject();
        foreach (var entry in schemas.EnumerateObject())
        {
            rewritten[entry.Name] = Schema(entry.Value, $"{place}.{entry.Name}");
        }

        return rewritten;
    }

    private static JsonArray List(JsonElement schemas, string place)
    {
        if (schemas.ValueKind != JsonValueKind.Array || schemas.GetArrayLength() == 0)
        {
            throw new SchemaException($"{place} must be a list of schemas.");
        }

        return new JsonArray([.. schemas.EnumerateArray().Select((schema, index) => Schema(schema, $"{place}[{index}]"))]);
    }

    private static JsonValue Reference(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.String
        && value.GetString() is { } reference
        && (reference == "#" || reference.StartsWith("#/", StringComparison.Ordinal))
            ? JsonValue.Create(reference.Replace("/$defs/", "/definitions/", StringComparison.Ordinal))!
            : throw new SchemaException(
                $"{place} points outside this schema, and nothing is loaded from elsewhere. Put the definition under “$defs” "
                    + "and refer to it with “#/$defs/…”."
            );

    private static JsonNode Type(JsonElement value, string place)
    {
        var names = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        return
            names.Count > 0
            && names.TrueForAll(name =>
                name.ValueKind == JsonValueKind.String
                && name.GetString() is "object" or "array" or "string" or "number" or "integer" or "boolean" or "null"
            )
            ? JsonNode.Parse(value.GetRawText())!
            : throw new SchemaException(
                $"{place} must be one of object, array, string, number, integer, boolean and null, or a list of them."
            );
    }
}
