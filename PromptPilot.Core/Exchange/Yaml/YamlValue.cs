using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Exchange.Yaml;

/// <summary>A value of a YAML document, with the line of the file where it is.</summary>
internal abstract partial record YamlValue(int Line)
{
    /// <summary>The same as JSON: plain words are null, true, false and numbers as JSON writes them; everything else is a text.</summary>
    public JsonElement ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = ExchangeLimits.Depth + 1 }))
        {
            Write(writer);
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = ExchangeLimits.Depth + 1 });
        return JsonElement.ParseValue(ref reader);
    }

    internal abstract void Write(Utf8JsonWriter writer);

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex Number();
}

/// <param name="IsPlain">Written without quotes, so that it may be a number, a truth value or nothing.</param>
internal sealed record YamlScalar(int Line, string Text, bool IsPlain) : YamlValue(Line)
{
    public bool IsNothing => IsPlain && Text is "" or "~" or "null";

    public bool IsTruth => IsPlain && Text is "true" or "false";

    public bool IsNumber => IsPlain && Number().IsMatch(Text);

    public bool IsText => !IsNothing && !IsTruth && !IsNumber;

    internal override void Write(Utf8JsonWriter writer)
    {
        if (IsNothing)
        {
            writer.WriteNullValue();
        }
        else if (IsTruth || IsNumber)
        {
            writer.WriteRawValue(Text);
        }
        else
        {
            writer.WriteStringValue(Text);
        }
    }
}

internal sealed record YamlList(int Line, IReadOnlyList<YamlValue> Items) : YamlValue(Line)
{
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            item.Write(writer);
        }

        writer.WriteEndArray();
    }
}

internal sealed record YamlMap(int Line, IReadOnlyList<YamlEntry> Entries) : YamlValue(Line)
{
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var entry in Entries)
        {
            writer.WritePropertyName(entry.Key);
            entry.Value.Write(writer);
        }

        writer.WriteEndObject();
    }
}

internal sealed record YamlEntry(string Key, int Line, YamlValue Value);
