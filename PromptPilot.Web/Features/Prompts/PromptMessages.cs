using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>A prompt as sent by a client: only what clients may set.</summary>
/// <param name="Messages">A list of messages instead of content and system message; [] is one text.</param>
/// <param name="Message">The author's note on the change.</param>
/// <param name="Raise">Makes the version step at least this large: <c>minor</c> or <c>major</c>.</param>
internal sealed record PromptBody(
    string? Name,
    string? Content,
    string? SystemMessage,
    IReadOnlyList<VariableBody?>? VariableDefinitions,
    MetadataBody? Metadata,
    string? Message,
    VersionChange? Raise,
    IReadOnlyList<MessageBody?>? Messages = null
)
{
    public PromptDraft ToDraft() =>
        new()
        {
            Name = Name ?? "",
            Content = Content ?? "",
            SystemMessage = SystemMessage,
            Messages = Messages?.OfType<MessageBody>().Select(m => new PromptMessage(m.Role ?? MessageRole.User, m.Content ?? "")).ToList(),
            VariableDefinitions = [.. (VariableDefinitions ?? []).OfType<VariableBody>().Select(v => v.ToDefinition())],
            Category = Metadata?.Category ?? "",
            Tags = [.. (Metadata?.Tags ?? []).OfType<string>()],
            IsPart = Metadata?.IsPart,
            Message = Message,
            Raise = Raise ?? VersionChange.None,
        };
}

/// <summary>One message: its text is Liquid; of a placeholder it is the name of a variable whose value is a list of messages.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> (also when left out), <c>assistant</c> or <c>placeholder</c>.</param>
internal sealed record MessageBody(MessageRole? Role, string? Content);

/// <summary>The definition of a variable, whose existence is derived from the text.</summary>
internal sealed record VariableBody(
    string? Name,
    string? Description,
    VariableType? Type,
    JsonElement? Default,
    JsonElement? Example,
    bool? Required,
    IReadOnlyList<string?>? Choices
)
{
    public VariableDefinition ToDefinition() =>
        new()
        {
            Name = Name ?? "",
            Description = Description,
            Type = Type ?? VariableType.Text,
            Default = Value(Default),
            Example = Value(Example),
            Required = Required ?? true,
            Choices = [.. (Choices ?? []).OfType<string>()],
        };

    private static JsonElement? Value(JsonElement? value) =>
        value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } ? value : null;
}

/// <param name="IsPart">True for a part, which cannot be run by itself. Omitted: unchanged.</param>
internal sealed record MetadataBody(string? Category, IReadOnlyList<string?>? Tags, bool? IsPart = null);

/// <summary>The version to set a label on.</summary>
internal sealed record LabelBody(string? Version, string? Note = null);

/// <summary>A prompt, whole.</summary>
internal sealed record PromptAnswer(
    string Id,
    string Name,
    string Content,
    string? SystemMessage,
    IReadOnlyList<string> Variables,
    IReadOnlyList<VariableDefinition> VariableDefinitions,
    PromptMetadata Metadata,
    string Version,
    string? CreatedBy,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision
)
{
    public bool Archived { get; init; }

    /// <summary>Empty for one text. Else content and system message are those of the last user and the first system message.</summary>
    public IReadOnlyList<PromptMessage> Messages { get; init; } = [];

    /// <summary>The included parts.</summary>
    public IReadOnlyList<PromptPart> Parts { get; init; } = [];

    public static PromptAnswer From(Prompt p) =>
        new(
            p.Id,
            p.Name,
            p.Content,
            p.SystemMessage,
            p.Variables,
            p.VariableDefinitions,
            p.Metadata,
            p.Version,
            p.CreatedBy,
            p.CreatedAt,
            p.UpdatedAt,
            p.Revision
        )
        {
            Archived = p.Archived,
            Messages = p.Messages,
            Parts = p.Parts,
        };
}

/// <summary>A prompt in a list, without its texts.</summary>
/// <param name="UsedBy">Workflows whose draft uses it.</param>
internal sealed record PromptSummary(
    string Id,
    string Name,
    IReadOnlyList<string> Variables,
    PromptMetadata Metadata,
    string Version,
    string? CreatedBy,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision,
    int UsedBy
)
{
    public bool Archived { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The average of the ratings of what it made, 1 to 5; null while there is none.</summary>
    public double? Rating { get; init; }

    public int Ratings { get; init; }

    public static PromptSummary From(PromptListItem p) =>
        new(
            p.Id,
            p.Name,
            p.Variables,
            new PromptMetadata
            {
                Category = p.Category,
                Tags = [.. p.Tags],
                IsPart = p.IsPart,
            },
            p.Version,
            p.CreatedBy,
            p.CreatedAt,
            p.UpdatedAt,
            p.Revision,
            p.UsedBy
        )
        {
            Archived = p.Archived,
            Labels = p.Labels,
            Rating = p.Rating,
            Ratings = p.Ratings,
        };
}

/// <summary>Prompts that are tagged together: what is added to each, and what is taken away.</summary>
internal sealed record BulkTagBody(IReadOnlyList<string?>? Ids, IReadOnlyList<string?>? Add, IReadOnlyList<string?>? Remove);

/// <summary>Prompts that are archived together.</summary>
internal sealed record BulkBody(IReadOnlyList<string?>? Ids);

/// <summary>An immutable version.</summary>
internal sealed record PromptVersionAnswer(
    string Id,
    string PromptId,
    string Version,
    string Name,
    string Content,
    string? SystemMessage,
    IReadOnlyList<string> Variables,
    IReadOnlyList<VariableDefinition> VariableDefinitions,
    PromptMetadata Metadata,
    string? Message,
    string? CreatedBy,
    DateTime CreatedAt
)
{
    /// <summary>Empty for one text.</summary>
    public IReadOnlyList<PromptMessage> Messages { get; init; } = [];

    /// <summary>The included parts.</summary>
    public IReadOnlyList<PromptPart> Parts { get; init; } = [];

    public static PromptVersionAnswer From(PromptVersion v) =>
        new(
            v.Id,
            v.PromptId,
            v.Version,
            v.Name,
            v.Content,
            v.SystemMessage,
            v.Variables,
            v.VariableDefinitions,
            v.Metadata,
            v.Message,
            v.CreatedBy,
            v.CreatedAt
        )
        {
            Messages = v.Messages,
            Parts = v.Parts,
        };
}

/// <summary>The effects of moving a label.</summary>
/// <param name="FromVersion">Its current version; null for a new label.</param>
/// <param name="Followers">Steps that name the prompt by the label, of published workflows first.</param>
internal sealed record LabelImpactAnswer(
    string Label,
    string? FromVersion,
    string ToVersion,
    bool Breaks,
    IReadOnlyList<LabelFollower> Followers
)
{
    /// <summary>Prompts that include this one by the label, themselves or by way of others.</summary>
    public IReadOnlyList<LabelPrompt> Prompts { get; init; } = [];

    public static LabelImpactAnswer From(LabelImpact i) =>
        new(i.Label, i.From?.Version, i.To.Version, i.Breaks, i.Followers) { Prompts = i.Prompts };
}
