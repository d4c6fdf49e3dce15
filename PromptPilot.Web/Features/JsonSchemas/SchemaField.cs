using System.Text.Json.Nodes;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.JsonSchemas;

/// <summary>The types of a field in the form.</summary>
public enum SchemaFieldKind
{
    Text,
    WholeNumber,
    Number,
    YesNo,
    Choice,
    Date,
    DateTime,
    Group,
}

/// <summary>A field of an object while its schema is edited as a form.</summary>
public sealed class SchemaField
{
    /// <summary>Tells fields apart while their names change.</summary>
    public string Key { get; } = Ids.New();

    public string Name { get; set; } = "";

    public SchemaFieldKind Kind { get; set; }

    public bool IsList { get; set; }

    public bool IsRequired { get; set; } = true;

    public bool IsNullable { get; set; }

    public string Description { get; set; } = "";

    /// <summary>The allowed texts of a choice, one a line.</summary>
    public string Choices { get; set; } = "";

    /// <summary>The fields of a group.</summary>
    public List<SchemaField> Fields { get; init; } = [];

    /// <summary>A group has no other fields.</summary>
    public bool IsClosed { get; set; } = true;

    /// <summary>Other keywords of the value, which the form keeps and does not show, e.g. <c>minimum</c>.</summary>
    public JsonObject Kept { get; init; } = [];

    /// <summary>Other keywords of the list.</summary>
    public JsonObject KeptOfList { get; init; } = [];

    /// <summary>What the form does not show of this field; null: it shows all.</summary>
    public string? KeptText =>
        Kept.Concat(KeptOfList).Where(keyword => keyword.Key != "title").Select(keyword => keyword.Key).ToList() is { Count: > 0 } names
            ? $"Also set as JSON: {string.Join(", ", names)}"
            : null;
}
