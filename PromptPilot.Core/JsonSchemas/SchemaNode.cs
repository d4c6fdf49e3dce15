using System.Text.Json;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>Something in a schema that cannot be checked. The message says where and what to do.</summary>
internal sealed class SchemaException(string message) : Exception(message);

/// <summary>The types of JSON values; an integer is a number without a fraction.</summary>
[Flags]
internal enum SchemaTypes
{
    None = 0,
    Object = 1,
    Array = 2,
    String = 4,
    Number = 8,
    Integer = 16,
    Boolean = 32,
    Null = 64,
}

/// <summary>The keywords of one schema, read. Null: the keyword is absent.</summary>
internal sealed class SchemaNode
{
    /// <summary>The schema <c>false</c>, which no value matches.</summary>
    public bool IsNever { get; set; }

    public SchemaTypes? Types { get; set; }

    /// <summary>Of <c>enum</c> and <c>const</c>.</summary>
    public SchemaChoices? Enum { get; set; }

    /// <inheritdoc cref="Enum"/>
    public SchemaChoices? Const { get; set; }

    public decimal? Minimum { get; set; }

    public decimal? Maximum { get; set; }

    public decimal? ExclusiveMinimum { get; set; }

    public decimal? ExclusiveMaximum { get; set; }

    public decimal? MultipleOf { get; set; }

    public int? MinLength { get; set; }

    public int? MaxLength { get; set; }

    public SchemaPattern? Pattern { get; set; }

    public SchemaFormat? Format { get; set; }

    public int? MinItems { get; set; }

    public int? MaxItems { get; set; }

    public bool UniqueItems { get; set; }

    public IReadOnlyList<SchemaNode>? PrefixItems { get; set; }

    /// <summary>Of all items after <see cref="PrefixItems"/>.</summary>
    public SchemaNode? Items { get; set; }

    public SchemaNode? Contains { get; set; }

    public int MinContains { get; set; } = 1;

    public int? MaxContains { get; set; }

    public SchemaNode? UnevaluatedItems { get; set; }

    public int? MinProperties { get; set; }

    public int? MaxProperties { get; set; }

    public IReadOnlyList<string>? Required { get; set; }

    public IReadOnlyDictionary<string, SchemaNode>? Properties { get; set; }

    public IReadOnlyList<(SchemaPattern Pattern, SchemaNode Schema)>? PatternProperties { get; set; }

    public SchemaNode? AdditionalProperties { get; set; }

    public SchemaNode? UnevaluatedProperties { get; set; }

    public SchemaNode? PropertyNames { get; set; }

    public Dictionary<string, IReadOnlyList<string>> DependentRequired { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SchemaNode> DependentSchemas { get; } = new(StringComparer.Ordinal);

    public SchemaNode? Reference { get; set; }

    public IReadOnlyList<SchemaNode>? AllOf { get; set; }

    public IReadOnlyList<SchemaNode>? AnyOf { get; set; }

    public IReadOnlyList<SchemaNode>? OneOf { get; set; }

    public SchemaNode? Not { get; set; }

    public SchemaNode? If { get; set; }

    public SchemaNode? Then { get; set; }

    public SchemaNode? Else { get; set; }

    /// <summary>Schemas that are applied to the same value, not to a part of it.</summary>
    public IEnumerable<SchemaNode> InPlace() =>
        new[] { Reference, Not, If, Then, Else }
            .OfType<SchemaNode>()
            .Concat(AllOf ?? [])
            .Concat(AnyOf ?? [])
            .Concat(OneOf ?? [])
            .Concat(DependentSchemas.Values);
}

/// <summary>The allowed values of an <c>enum</c> or <c>const</c>.</summary>
internal sealed class SchemaChoices(IReadOnlyList<JsonElement> values)
{
    private readonly HashSet<string> _keys = values.Select(JsonIdentity.Of).ToHashSet(StringComparer.Ordinal);

    public IReadOnlyList<JsonElement> Values { get; } = values;

    public bool Contains(JsonElement value) => _keys.Contains(JsonIdentity.Of(value));
}
