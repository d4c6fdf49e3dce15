using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>Checks if a draft can be saved: one error per fault, at its field.</summary>
internal static class PromptChecks
{
    public const int MaxName = 200;
    public const int MaxText = 512 * 1024;
    public const int MaxCategory = 100;
    public const int MaxTags = 20;
    public const int MaxTag = 50;
    public const int MaxMessage = 500;
    public const int MaxDescription = 1000;
    public const int MaxValue = 100_000;
    public const int MaxChoices = 100;

    /// <summary>Checks a normalized draft.</summary>
    public static List<FieldError> Check(PromptDraft draft)
    {
        var errors = new List<FieldError>();
        Line(errors, "name", draft.Name, MaxName, "Enter a name.");
        var source = PromptSource.Of(draft);
        foreach (var template in source.Templates())
        {
            Template(errors, template.Field, template.Text);
        }

        errors.AddRange(draft.PartErrors);
        if (source.HasMessages)
        {
            errors.AddRange(MessageChecks.Check(source.Messages));
            if (source.Length > MaxText)
            {
                errors.Add(new FieldError("messages", $"The limit is {MaxText:N0} characters in all; these have {source.Length:N0}."));
            }
        }
        else if (string.IsNullOrWhiteSpace(draft.Content))
        {
            errors.Add(new FieldError("content", "Enter the text of the prompt."));
        }

        if (draft.IsPart is true && (source.HasMessages || draft.SystemMessage is not null))
        {
            errors.Add(new FieldError("metadata.isPart", "A part is one text. Remove the system message and other messages first."));
        }

        Line(errors, "metadata.category", draft.Category, MaxCategory, null);
        if (draft.Tags.Count > MaxTags)
        {
            errors.Add(new FieldError("metadata.tags", $"A prompt can have at most {MaxTags} tags; this one has {draft.Tags.Count}."));
        }

        foreach (var tag in draft.Tags)
        {
            Line(errors, "metadata.tags", tag, MaxTag, null);
        }

        Line(errors, "message", draft.Message ?? "", MaxMessage, null);
        if (!errors.Exists(e => MessageChecks.IsText(e.Field)))
        {
            Definitions(errors, draft);
        }

        return errors;
    }

    private static void Line(List<FieldError> errors, string field, string text, int most, string? whenEmpty)
    {
        if (text.Length == 0)
        {
            if (whenEmpty is not null)
            {
                errors.Add(new FieldError(field, whenEmpty));
            }
        }
        else if (text.Length > most)
        {
            errors.Add(new FieldError(field, $"The limit is {most} characters; this has {text.Length}."));
        }
        else if (text.Any(char.IsControl) || HasLoneSurrogate(text))
        {
            errors.Add(new FieldError(field, "This contains a character that cannot be displayed. Remove it."));
        }
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static void Template(List<FieldError> errors, string field, string text) =>
        errors.AddRange(
            text.Length > MaxText
                ? [new FieldError(field, $"The limit is {MaxText:N0} characters; this has {text.Length:N0}.")]
                : LiquidTemplate.Parse(text).Errors.Select(e => new FieldError(field, e.Message, e.Line, e.Column))
        );

    private static void Definitions(List<FieldError> errors, PromptDraft draft)
    {
        var source = PromptSource.Of(draft);
        var variables = source.Variables();
        var lists = source.Placeholders();
        var isWhole = !source.LacksParts();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < draft.VariableDefinitions.Count; i++)
        {
            var definition = draft.VariableDefinitions[i];
            var field = $"variableDefinitions[{i}]";
            if (isWhole && !variables.Contains(definition.Name))
            {
                errors.Add(
                    new FieldError(
                        $"{field}.name",
                        $"The text has no variable “{definition.Name}”. Add {{{{ {definition.Name} }}}} to it, or remove this definition."
                    )
                );
            }
            else if (!seen.Add(definition.Name))
            {
                errors.Add(new FieldError($"{field}.name", $"“{definition.Name}” is defined twice."));
            }

            Line(errors, $"{field}.description", (definition.Description ?? "").ReplaceLineEndings(" "), MaxDescription, null);
            Choices(errors, $"{field}.choices", definition);
            Value(errors, $"{field}.default", definition.Default, definition);
            Value(errors, $"{field}.example", definition.Example, definition);
            if (lists.Contains(definition.Name))
            {
                MessageVariable(errors, field, definition);
            }
        }
    }

    private static void MessageVariable(List<FieldError> errors, string field, VariableDefinition definition)
    {
        if (definition.Type != VariableType.Json)
        {
            errors.Add(new FieldError($"{field}.type", $"“{definition.Name}” is a list of messages. Choose the type json."));
            return;
        }

        foreach (var (part, value) in new[] { ("default", definition.Default), ("example", definition.Example) })
        {
            if (value is { } given && MessageList.ProblemOf(definition.Name, given) is { } wrong)
            {
                errors.Add(new FieldError($"{field}.{part}", wrong));
            }
        }
    }

    private static void Choices(List<FieldError> errors, string field, VariableDefinition definition)
    {
        if (definition.Type != VariableType.Choice)
        {
            if (definition.Choices.Count > 0)
            {
                errors.Add(new FieldError(field, "Only variables of type choice can have choices."));
            }

            return;
        }

        if (definition.Choices.Count is 0 or > MaxChoices)
        {
            errors.Add(
                new FieldError(field, definition.Choices.Count == 0 ? "List the choices." : $"There can be at most {MaxChoices} choices.")
            );
        }
        else if (definition.Choices.Distinct(StringComparer.Ordinal).Count() != definition.Choices.Count)
        {
            errors.Add(new FieldError(field, "Each choice must be different."));
        }

        foreach (var choice in definition.Choices)
        {
            Line(errors, field, choice, MaxName, "A choice cannot be empty.");
        }
    }

    private static void Value(List<FieldError> errors, string field, JsonElement? value, VariableDefinition definition)
    {
        if (value is not { } given)
        {
            return;
        }

        if (definition.Type.FileKind() is not null)
        {
            errors.Add(new FieldError(field, "A picture or document has no default or example. Save it as a test case instead."));
            return;
        }

        if (given.GetRawText().Length > MaxValue)
        {
            errors.Add(new FieldError(field, $"The limit is {MaxValue:N0} characters."));
        }
        else if (InputValues.Problem(given, definition.Type, definition.Choices) is { } message)
        {
            errors.Add(new FieldError(field, message));
        }
    }
}
