using System.Text.Json;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Models.Schemas;

/// <summary>The part of JSON Schema that a provider enforces. A schema that it would refuse is not sent as it is.</summary>
internal sealed class SchemaDialect
{
    /// <summary>Deepest nesting of objects and lists.</summary>
    public const int MaxDepth = 10;

    private readonly ParseCache<SentSchema> _sent;

    private SchemaDialect() => _sent = new ParseCache<SentSchema>(text => Adapt(JsonElement.Parse(text)));

    /// <summary>
    /// OpenAI's strict mode: closed objects with all fields required (https://platform.openai.com/docs/guides/structured-outputs).
    /// Other schemas are a hint, if they are of an object.
    /// </summary>
    public static SchemaDialect OpenAI { get; } =
        new()
        {
            Keywords = Words("pattern multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems"),
            Formats = Words("date-time time date duration email hostname ipv4 ipv6 uuid"),
            IsOfObject = true,
            HasClosedObjects = true,
            HasAllFields = true,
            TakesHints = true,
        };

    /// <summary>
    /// Azure's strict mode knows no limits of values
    /// (https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs).
    /// </summary>
    public static SchemaDialect Azure { get; } =
        new()
        {
            IsOfObject = true,
            HasClosedObjects = true,
            HasAllFields = true,
            TakesHints = true,
        };

    /// <summary>
    /// Closed objects, no recursion, and few optional fields and alternatives
    /// (https://platform.claude.com/docs/en/build-with-claude/structured-outputs).
    /// </summary>
    public static SchemaDialect Anthropic { get; } =
        new()
        {
            Formats = Words("date-time time date duration email hostname uri ipv4 ipv6 uuid"),
            IsOfObject = true,
            HasClosedObjects = true,
            HasNoCycles = true,
            MostOptional = 24,
            MostUnions = 16,
        };

    /// <summary>
    /// No constants, and cycles only where they can end early (https://ai.google.dev/api/generate-content, <c>responseJsonSchema</c>).
    /// </summary>
    public static SchemaDialect Gemini { get; } =
        new()
        {
            Keywords = Words("minimum maximum minItems maxItems"),
            Formats = Words("date-time date time duration email hostname uri ipv4 ipv6 uuid int32 int64 float double"),
            HasNoCycles = true,
            HasNoConstants = true,
        };

    /// <summary>A server that gets each schema as it is written.</summary>
    public static SchemaDialect Any { get; } = new() { TakesAll = true };

    /// <summary>It is up to the server.</summary>
    public bool TakesAll { get; private init; }

    /// <summary>Keywords for limits of values. All dialects know types, fields, items, choices, alternatives and definitions.</summary>
    public IReadOnlySet<string> Keywords { get; private init; } = new HashSet<string>();

    public IReadOnlySet<string> Formats { get; private init; } = new HashSet<string>();

    /// <summary>The top level is an object.</summary>
    public bool IsOfObject { get; private init; }

    /// <summary>Every object has <c>additionalProperties: false</c>.</summary>
    public bool HasClosedObjects { get; private init; }

    /// <summary>Every field is required.</summary>
    public bool HasAllFields { get; private init; }

    public bool HasNoCycles { get; private init; }

    /// <summary><c>const</c> is written as an <c>enum</c> of one value, and choices are texts and numbers.</summary>
    public bool HasNoConstants { get; private init; }

    public int MostOptional { get; private init; } = int.MaxValue;

    public int MostUnions { get; private init; } = int.MaxValue;

    /// <summary>A schema that it cannot enforce helps the model all the same.</summary>
    public bool TakesHints { get; private init; }

    /// <summary>What is sent for a schema.</summary>
    public SentSchema Of(JsonElement schema) => _sent.Get(schema.GetRawText());

    private static HashSet<string> Words(string words) => words.Split(' ').ToHashSet(StringComparer.Ordinal);

    private SentSchema Adapt(JsonElement schema)
    {
        if (TakesAll)
        {
            return new SentSchema(schema, OpenAI.Of(schema).IsStrict);
        }

        var adapter = new SchemaAdapter(this, schema);
        if (adapter.Adapt() is { } adapted)
        {
            return new SentSchema(adapted, this != Gemini || OpenAI.Of(schema).IsStrict) { Left = adapter.Left };
        }

        return TakesHints && SchemaAdapter.WithRoot(schema) is { } hint && SchemaAdapter.IsOfObject(hint)
            ? new SentSchema(JsonSerializer.SerializeToElement(hint), false) { Misfit = adapter.Misfit }
            : new SentSchema(null, false) { Misfit = adapter.Misfit };
    }
}

/// <summary>What a provider gets for a schema.</summary>
/// <param name="Schema">Null: nothing is sent.</param>
/// <param name="IsStrict">OpenAI's <c>strict</c>.</param>
public sealed record SentSchema(JsonElement? Schema, bool IsStrict)
{
    /// <summary>Why the provider does not enforce it, with the place, e.g. <c>$.properties.a is not required</c>; null: it does.</summary>
    public string? Misfit { get; init; }

    /// <summary>Keywords with their places that the provider does not know. The answer is checked by them here.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}
