using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>
/// A parsed JSON Schema. The library validates. Anything it would load, run without limit or silently ignore is refused.
/// </summary>
internal sealed class OutputSchema
{
    /// <summary>The most UTF-8 bytes of a schema.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly ParseCache<OutputSchema> Parsed = new(text => new OutputSchema(text));

    private readonly ConcurrentDictionary<string, Regex> _patterns = new(StringComparer.Ordinal);
    private readonly JsonSchema? _schema;

    private OutputSchema(string text)
    {
        try
        {
            _schema = Parse(text);
            FollowReferences(_schema, []);
            Validate(JValue.CreateNull());
        }
        catch (Exception exception) when (exception is SchemaException or SchemaTooCostlyException)
        {
            Problem = exception.Message;
        }
        catch (Exception exception) when (IsOfTheLibrary(exception))
        {
            Problem = $"The schema cannot be read: {FirstLine(exception)}";
        }
    }

    /// <summary>The error in the schema; null when it is valid.</summary>
    public string? Problem { get; }

    public static OutputSchema Of(JsonElement schema) => Parsed.Get(schema.GetRawText());

    /// <summary>The errors in a value with their place; empty when it matches. Only the first few.</summary>
    /// <exception cref="SchemaTooCostlyException">The value and the schema together take too long.</exception>
    /// <exception cref="SchemaException">The library cannot check the value by this schema.</exception>
    public IReadOnlyList<string> Check(JsonElement value)
    {
        try
        {
            return SchemaWords.Of(Validate(SchemaTokens.Of(value)));
        }
        catch (Exception exception) when (IsOfTheLibrary(exception))
        {
            throw new SchemaException(FirstLine(exception));
        }
    }

    /// <summary>The library reports what it cannot read or check in many ways, each in the words of its parser.</summary>
    private static bool IsOfTheLibrary(Exception exception) =>
        exception
            is JsonException
                or Newtonsoft.Json.JsonException
                or InvalidOperationException
                or NotSupportedException
                or ArgumentException
                or ArithmeticException
                or InvalidCastException
                or FormatException
                or NullReferenceException
                or KeyNotFoundException
                or IndexOutOfRangeException;

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].TrimEnd();

    /// <summary>
    /// A reference that leads only to itself is noticed by the library when it is followed, and that may be first at a run.
    /// </summary>
    private static void FollowReferences(JsonSchema schema, HashSet<JsonSchema> seen)
    {
        if (!seen.Add(schema))
        {
            return;
        }

        _ = schema.ActualSchema;
        IEnumerable<JsonSchema?> inner =
        [
            schema.Item,
            schema.Not,
            schema.AdditionalPropertiesSchema,
            schema.AdditionalItemsSchema,
            .. schema.Properties.Values,
            .. schema.Definitions.Values,
            .. schema.AnyOf,
            .. schema.AllOf,
            .. schema.OneOf,
        ];
        foreach (var part in inner.OfType<JsonSchema>())
        {
            FollowReferences(part, seen);
        }
    }

    private ICollection<NJsonSchema.Validation.ValidationError> Validate(JToken token) =>
        new BoundedValidator(_patterns).Validate(token, _schema!);

    private JsonSchema Parse(string text)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw new SchemaException($"The schema is larger than {MaxBytes / 1024} KB. Shorten it.");
        }

        using var document = JsonDocument.Parse(
            text,
            new JsonDocumentOptions { MaxDepth = JsonLimits.Depth, AllowDuplicateProperties = false }
        );
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException("The schema must be an object, like {\"type\": \"object\", \"properties\": {…}}.");
        }

        var rewritten = SchemaText.Rewrite(document.RootElement);

        // Completes synchronously: only loading could wait, and a rewritten schema refers only to itself.
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
