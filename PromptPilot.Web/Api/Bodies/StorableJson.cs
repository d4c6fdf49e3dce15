using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api.Bodies;

/// <summary>Refuses a value in any body that is nested too deep or has a text that cannot be stored, at its field.</summary>
internal sealed class StorableJson : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var value = JsonElement.ParseValue(ref reader);
        return JsonLimits.IsTooDeep(value) ? throw new JsonException(JsonLimits.TooDeep)
            : JsonText.Fault(value) is { } fault ? throw new JsonException(fault)
            : value;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => value.WriteTo(writer);
}

/// <summary>Refuses a text in any body that cannot be stored, at its field; names of values too.</summary>
internal sealed class StorableText : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            // The serializer reports the place and the type that is expected there.
            throw new JsonException();
        }

        return Storable(ref reader);
    }

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Storable(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);

    private static string Storable(ref Utf8JsonReader reader)
    {
        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException(Unicode.HalfCharacter);
        }

        return Unicode.Fault(text) is { } fault ? throw new JsonException(fault) : text;
    }
}
