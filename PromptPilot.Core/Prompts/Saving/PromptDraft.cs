using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>The size of the change from the previous version.</summary>
public enum VersionChange
{
    /// <summary>Nothing changed: no version is made.</summary>
    None,

    /// <summary>Only what people read about the prompt.</summary>
    Patch,

    /// <summary>Another text or a new optional variable: callers need not change.</summary>
    Minor,

    /// <summary>Callers have to change.</summary>
    Major,
}

/// <summary>A prompt as someone wants to save it.</summary>
public sealed record PromptDraft
{
    public string Name { get; init; } = "";

    /// <summary>Liquid.</summary>
    public string Content { get; init; } = "";

    /// <summary>Liquid too; blank means none.</summary>
    public string? SystemMessage { get; init; }

    /// <summary>A list of messages instead of one text; empty means one text. Null: the sender says nothing about messages.</summary>
    public IReadOnlyList<PromptMessage>? Messages { get; init; }

    public IReadOnlyList<VariableDefinition> VariableDefinitions { get; init; } = [];

    public string Category { get; init; } = "";

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Marks a part, which cannot be run by itself. Null: not specified, stays unchanged.</summary>
    public bool? IsPart { get; init; }

    /// <summary>The included parts, by <see cref="LiquidInclude.Key"/>; null: not looked up.</summary>
    public IReadOnlyDictionary<string, LiquidPart>? Parts { get; init; }

    /// <summary>The included parts as stored; null: not looked up.</summary>
    internal IReadOnlyList<PromptPart>? Pins { get; init; }

    /// <summary>Errors in its includes, at their positions.</summary>
    public IReadOnlyList<FieldError> PartErrors { get; init; } = [];

    /// <summary>The author's change note.</summary>
    public string? Message { get; init; }

    /// <summary>The author may make the version step larger than the rule, never smaller.</summary>
    public VersionChange Raise { get; init; }

    /// <summary>A saved prompt, ready to be edited.</summary>
    public static PromptDraft Of(Prompt prompt) =>
        new()
        {
            Name = prompt.Name,
            Content = prompt.Content,
            SystemMessage = prompt.SystemMessage,
            Messages = prompt.Messages,
            VariableDefinitions = prompt.VariableDefinitions,
            Category = prompt.Metadata.Category,
            Tags = prompt.Metadata.Tags,
            IsPart = prompt.Metadata.IsPart,
            Pins = prompt.Parts,
        };

    /// <summary>The same, without what does not count: blanks around names, empty and double tags.</summary>
    internal PromptDraft Normalized() =>
        MessageForms.Canonical(this) with
        {
            Name = Name.Trim(),
            Category = Category.Trim(),
            Tags = [.. Tags.Select(t => t.Trim()).Where(t => t.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)],
            Message = string.IsNullOrWhiteSpace(Message) ? null : Message.Trim(),
        };
}
