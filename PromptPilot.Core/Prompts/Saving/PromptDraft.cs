using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>How much a new version differs from the one before.</summary>
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

    /// <summary>A part of others: it cannot be run by itself. Null: the sender does not say, and it stays as it is.</summary>
    public bool? IsPart { get; init; }

    /// <summary>What it includes, by <see cref="LiquidInclude.Key"/>; null: it was not looked for.</summary>
    public IReadOnlyDictionary<string, LiquidPart>? Parts { get; init; }

    /// <summary>What it includes, as it is stored; null: it was not looked for.</summary>
    internal IReadOnlyList<PromptPart>? Pins { get; init; }

    /// <summary>What is wrong with what it includes, at its places.</summary>
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
