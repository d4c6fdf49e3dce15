using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange;

/// <summary>Bytes and texts of files, and small helpers of both kinds of file.</summary>
internal static class ExchangeText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Bytes(string text) => Strict.GetBytes(Unicode.WellFormed(text));

    /// <summary>The text of a file: UTF-8, with or without a byte order mark.</summary>
    public static Result<string> Read(byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return Problem.Invalid("This is UTF-16. Save the file as UTF-8.");
        }

        try
        {
            var text = Strict.GetString(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes);
            return Unicode.Fault(text) is { } fault ? Problem.Invalid(fault) : text;
        }
        catch (DecoderFallbackException)
        {
            return Problem.Invalid("This is not UTF-8. Save the file as UTF-8.");
        }
    }

    /// <summary>
    /// Sets a field unless there is nothing to say. Not called Add, which JsonObject has itself: that would take a missing text for null.
    /// </summary>
    public static void Put(this JsonObject fields, string key, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            fields[key] = JsonValue.Create(text);
        }
    }

    public static void Put(this JsonObject fields, string key, int? number)
    {
        if (number is { } known)
        {
            fields[key] = JsonValue.Create(known);
        }
    }

    public static void Put(this JsonObject fields, string key, IEnumerable<string> texts)
    {
        var list = new JsonArray([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);
        if (list.Count > 0)
        {
            fields[key] = list;
        }
    }

    public static void Put(this JsonObject fields, string key, JsonElement? json)
    {
        if (json is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } known)
        {
            fields[key] = Node(known);
        }
    }

    public static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>As a tree, the last of doubled names counting: YAML may not have one twice.</summary>
    public static JsonNode? Node(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => Map(json),
            JsonValueKind.Array => new JsonArray([.. json.EnumerateArray().Select(Node)]),
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => JsonValue.Create(json.Clone()),
        };

    private static JsonObject Map(JsonElement json)
    {
        var map = new JsonObject();
        foreach (var property in json.EnumerateObject())
        {
            map[property.Name] = Node(property.Value);
        }

        return map;
    }
}
