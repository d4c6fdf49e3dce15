using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PromptPilot.Core.Shared;

/// <summary>
/// Writes long texts to JSON in pieces. The serializer reserves twelve bytes per character to escape a text, and the runtime keeps
/// such arrays. The written bytes are the same.
/// </summary>
internal static class LongTexts
{
    /// <summary>Shorter texts are written at once, in characters or bytes.</summary>
    private const int Long = 16 * 1024;

    private const int Piece = 4 * 1024;

    /// <summary>Converters for options whose values can contain long texts.</summary>
    public static IReadOnlyList<JsonConverter> Converters { get; } = [new OfString(), new OfElement()];

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<char> text)
    {
        while (text.Length > Piece)
        {
            writer.WriteStringValueSegment(text[..Piece], isFinalSegment: false);
            text = text[Piece..];
        }

        writer.WriteStringValueSegment(text, isFinalSegment: true);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object))
        {
            value.WriteTo(writer);
            return;
        }

        var raw = JsonMarshal.GetRawUtf8Value(value);
        switch (value.ValueKind)
        {
            case var _ when raw.Length <= Long:
                value.WriteTo(writer);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case var _ when IsAsWritten(raw[1..^1]):
                writer.WriteRawValue(raw, skipInputValidation: true);
                break;
            default:
                Write(writer, value.GetString());
                break;
        }
    }

    /// <summary>Whether the content of a JSON string is escaped exactly as <see cref="AppJson"/> escapes it.</summary>
    private static bool IsAsWritten(ReadOnlySpan<byte> content)
    {
        while (AppJson.Encoder.FindFirstCharacterToEncodeUtf8(content) is var at and >= 0)
        {
            if (content[at] != '\\' || !"\"\\bfnrt"u8.Contains(content[at + 1]))
            {
                return false;
            }

            content = content[(at + 2)..];
        }

        return true;
    }

    private sealed class OfString : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
        {
            if (value.Length <= Long)
            {
                writer.WriteStringValue(value);
            }
            else
            {
                LongTexts.Write(writer, value);
            }
        }

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!;

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value);
    }

    private sealed class OfElement : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            LongTexts.Write(writer, value);
    }
}
