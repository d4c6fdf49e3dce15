using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using PromptPilot.Core.Shared.Liquid;

namespace PromptPilot.Core.Shared.JsonSchemas;

/// <summary>
/// A parsed JSON Schema. Validation is the library's; what it would load, run without limit or pass over in silence is refused.
/// </summary>
internal sealed class OutputSchema
{
    /// <summary>Of a schema, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How deep a schema may be nested.</summary>
    private const int MaxDepth = 64;

    private static readonly ParseCache<OutputSchema> Parsed = new(text => new OutputSchema(text));

    private readonly ConcurrentDictionary<string, Regex> _patterns = new(StringComparer.Ordinal);
    private readonly JsonSchema? _schema;

    private OutputSchema(string text)
    {
        try
        {
            _schema = Parse(text);
            Validate(JValue.CreateNull());
        }
        catch (Exception exception) when (exception is SchemaException or SchemaTooCostlyException)
        {
            Problem = exception.Message;
        }
        catch (Exception exception)
            when (exception
                    is JsonException
                        or Newtonsoft.Json.JsonException
                        or InvalidOperationException
                        or NotSupportedException
                        or ArgumentException
                        or ArithmeticException
                        or InvalidCastException
                        or FormatException
            )
        {
            // The library reports what it cannot read in many ways, each in the words of its parser.
            Problem = $"The schema cannot be read: {exception.Message.Split('\n')[0].TrimEnd()}";
        }
    }

    /// <summary>What is wrong with the schema; null: it can be used.</summary>
    public string? Problem { get; }

    public static OutputSchema Of(JsonElement schema) => Parsed.Get(schema.GetRawText());

    /// <summary>What is wrong with a value, in words with its place; empty when it fits. Only the first few.</summary>
    /// <exception cref="SchemaTooCostlyException">The value and the schema together take too long.</exception>
    public IReadOnlyList<string> Check(JsonElement value) => SchemaWords.Of(Validate(SchemaTokens.Of(value)));

    private ICollection<NJsonSchema.Validation.ValidationError> Validate(JToken token) =>
        new BoundedValidator(_patterns).Validate(token, _schema!);

    private JsonSchema Parse(string text)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw new SchemaException($"The schema is larger than {MaxBytes / 1024} KB. Make it smaller.");
        }

        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException("The schema has to be an object, like {\"type\": \"object\", \"properties\": {…}}.");
        }

        var rewritten = SchemaText.Rewrite(document.RootElement);

        // Completes at once: all that could wait is loading, and a rewritten schema refers to nothing but itself.
        var schema = JsonSchema.FromJsonAsync(rewritten).GetAwaiter().GetResult();
        CollectPatterns(JToken.Parse(rewritten));
        return schema;
    }

    private void CollectPatterns(JToken token)
    {
        foreach (var property in ((JContainer)token).DescendantsAndSelf().OfType<JProperty>())
        {
            if (property is { Name: SchemaText.PatternKeyword, Value.Type: JTokenType.String })
            {
                var pattern = (string)property.Value!;
                _patterns.TryAdd(pattern, SchemaText.Pattern(pattern, "$"));
            }
        }
    }
}
