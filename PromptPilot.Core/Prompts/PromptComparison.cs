using System.Text.Json;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Prompts;

/// <summary>One side of a comparison: a version of a prompt, or the text in an editor.</summary>
public sealed record PromptState(
    string Name,
    string Content,
    string? SystemMessage,
    IReadOnlyList<VariableDefinition> VariableDefinitions,
    string Category,
    IReadOnlyList<string> Tags
)
{
    /// <summary>Variables of the texts; those without definition are required texts.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>Empty for a prompt with one text.</summary>
    public IReadOnlyList<PromptMessage> Messages { get; init; } = [];

    public static PromptState Of(PromptVersion version) =>
        new(
            version.Name,
            version.Content,
            version.SystemMessage,
            version.VariableDefinitions,
            version.Metadata.Category,
            version.Metadata.Tags
        )
        {
            Variables = version.Variables,
            Messages = version.Messages,
        };

    public static PromptState Of(Prompt prompt) =>
        new(prompt.Name, prompt.Content, prompt.SystemMessage, prompt.VariableDefinitions, prompt.Metadata.Category, prompt.Metadata.Tags)
        {
            Variables = prompt.Variables,
            Messages = prompt.Messages,
        };

    /// <summary>A draft, valid or not.</summary>
    /// <param name="variables">Derived from its texts.</param>
    public static PromptState Of(PromptDraft draft, IReadOnlyList<string> variables)
    {
        draft = draft.Normalized();
        return new PromptState(draft.Name, draft.Content, draft.SystemMessage, draft.VariableDefinitions, draft.Category, draft.Tags)
        {
            Variables = variables,
            Messages = draft.Messages ?? [],
        };
    }
}

/// <summary>A property of a prompt or variable that differs; null on a side without it.</summary>
/// <param name="Name">E.g. <c>category</c>, or <c>tone: default</c>.</param>
public sealed record PromptFactChange(string Name, string? Left, string? Right);

/// <summary>The differences between two states of a prompt. The left one is usually the older.</summary>
public sealed record PromptComparison(
    TextComparison Content,
    TextComparison SystemMessage,
    IReadOnlyList<PromptFactChange> Variables,
    IReadOnlyList<PromptFactChange> Metadata
)
{
    /// <summary>
    /// The messages that differ, where one side is a list of messages: <see cref="Content"/> and the system message are empty then.
    /// </summary>
    public IReadOnlyList<MessageChange> Messages { get; init; } = [];

    public bool IsSame => Content.IsSame && SystemMessage.IsSame && Messages.Count == 0 && Variables.Count == 0 && Metadata.Count == 0;

    public static PromptComparison Of(PromptState left, PromptState right)
    {
        var hasMessages = left.Messages.Count > 0 || right.Messages.Count > 0;
        return new(
            hasMessages ? TextComparison.Of("", "") : TextComparison.Of(left.Content, right.Content),
            hasMessages ? TextComparison.Of("", "") : TextComparison.Of(left.SystemMessage ?? "", right.SystemMessage ?? ""),
            [.. left.Variables.Union(right.Variables).SelectMany(name => OfVariable(name, left, right))],
            [
                .. new[]
                {
                    new PromptFactChange("name", left.Name, right.Name),
                    new PromptFactChange("category", Given(left.Category), Given(right.Category)),
                    new PromptFactChange("tags", Given(string.Join(", ", left.Tags)), Given(string.Join(", ", right.Tags))),
                }.Where(IsChange),
            ]
        )
        {
            Messages = hasMessages ? MessageChange.Between(MessagesOf(left), MessagesOf(right)) : [],
        };
    }

    private static IReadOnlyList<PromptMessage> MessagesOf(PromptState state) =>
        new PromptSource(state.Content, state.SystemMessage, state.Messages).AsMessages();

    private static IEnumerable<PromptFactChange> OfVariable(string name, PromptState left, PromptState right)
    {
        var (before, after) = (Find(left, name), Find(right, name));
        if (before is null || after is null)
        {
            return [new PromptFactChange(name, Words(before), Words(after))];
        }

        return new[]
        {
            new PromptFactChange($"{name}: type", Word(before.Type), Word(after.Type)),
            new PromptFactChange($"{name}: required", before.Required ? "yes" : "no", after.Required ? "yes" : "no"),
            new PromptFactChange($"{name}: default", Text(before.Default), Text(after.Default)),
            new PromptFactChange($"{name}: example", Text(before.Example), Text(after.Example)),
            new PromptFactChange($"{name}: choices", Given(string.Join(", ", before.Choices)), Given(string.Join(", ", after.Choices))),
            new PromptFactChange($"{name}: description", before.Description, after.Description),
        }.Where(IsChange);
    }

    private static VariableDefinition? Find(PromptState state, string name) =>
        !state.Variables.Contains(name)
            ? null
            : state.VariableDefinitions.FirstOrDefault(d => d.Name == name) ?? new VariableDefinition { Name = name };

    private static string? Words(VariableDefinition? variable) =>
        variable is null
            ? null
            : string.Join(
                ", ",
                new[]
                {
                    Word(variable.Type),
                    variable.Default is { } value ? $"default {Text(value)}"
                    : variable.Required ? "required"
                    : "optional",
                    variable.Description,
                }.Where(part => !string.IsNullOrEmpty(part))
            );

    private static bool IsChange(PromptFactChange change) => change.Left != change.Right;

    private static string Word(VariableType type) => type.ToString().ToLowerInvariant();

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static string? Text(JsonElement? value) =>
        value switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { } other => other.GetRawText(),
        };
}
