using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange;

/// <summary>A prompt as a file carries it.</summary>
/// <param name="Version">What it was called where it was exported. A new prompt begins with it; a prompt that is there already counts on
/// from its own.</param>
/// <param name="Labels">All of the prompt's labels, sorted; not on which versions they stand.</param>
internal sealed record PromptDocument(PromptDraft Draft, string Version, IReadOnlyList<string> Labels)
{
    /// <summary>Of another tool's file: versions before this one, oldest first. Only a new prompt gets them.</summary>
    public IReadOnlyList<PromptDocument> Earlier { get; init; } = [];
}

/// <summary>
/// A prompt as Markdown with YAML front matter. Everything behind the closing <c>---</c> is the content, character by character, but for
/// the one line feed at the end that each file has.
/// </summary>
internal static partial class PromptFile
{
    private const string Fence = "---";

    public static string Write(PromptDocument prompt)
    {
        var draft = prompt.Draft;
        var fields = new JsonObject { ["name"] = draft.Name };
        fields.Put("category", draft.Category);
        fields.Put("tags", draft.Tags);
        if (draft.IsPart is true)
        {
            fields["part"] = true;
        }

        fields.Put("version", prompt.Version);
        fields.Put("labels", prompt.Labels.Order(StringComparer.Ordinal));
        var variables = new JsonArray([.. draft.VariableDefinitions.Select(Fields)]);
        if (variables.Count > 0)
        {
            fields["variables"] = variables;
        }

        if (draft.Messages is { Count: > 0 } messages)
        {
            fields["messages"] = new JsonArray([.. messages.Select(Fields)]);
            return $"{Fence}\n{YamlWriter.Write(fields)}{Fence}\n";
        }

        fields.Put("systemMessage", draft.SystemMessage);
        return $"{Fence}\n{YamlWriter.Write(fields)}{Fence}\n{draft.Content}\n";
    }

    /// <summary>Reads a file; what the prompt may contain is for <see cref="PromptChecks"/> to say.</summary>
    public static Result<PromptDocument> Read(string text)
    {
        var opening = Opening().Match(text);
        var closing = opening.Success ? Closing().Match(text, opening.Length) : Match.Empty;
        if (!opening.Success || !closing.Success)
        {
            return Problem.Invalid(
                opening.Success
                    ? "The front matter is not closed. Add a line with --- before the text of the prompt."
                    : "A prompt file starts with a line ---, then fields such as “name: …”, another line --- and the text of the prompt."
            );
        }

        var yaml = YamlReader.Read(text[opening.Length..closing.Index], 2);
        if (!yaml.IsOk)
        {
            return yaml.Problem;
        }

        var content = text[(closing.Index + closing.Length)..];
        if (opening.Value.EndsWith("\r\n", StringComparison.Ordinal))
        {
            // The file as a whole was saved with Windows line ends: an export never writes its own lines so.
            content = content.Replace("\r\n", "\n", StringComparison.Ordinal);
        }

        var errors = new List<string>();
        var document = Document(new YamlFields(yaml.Value, errors), content.EndsWith('\n') ? content[..^1] : content);
        return errors.Count == 0
            ? document
            : Problem.Invalid("The file has errors.", [.. errors.Select(error => new FieldError("", error))]);
    }

    private static PromptDocument Document(YamlFields fields, string content)
    {
        var draft = new PromptDraft
        {
            Name = fields.Text("name") ?? "",
            Category = fields.Text("category") ?? "",
            Tags = fields.Texts("tags"),
            IsPart = fields.Truth("part") ?? false,
        };
        var version = fields.Text("version") ?? PromptVersioning.First;
        if (!Version().IsMatch(version))
        {
            fields.Refuse($"“{YamlReader.Short(version)}” is not a version. Write it like 1.2.0, or remove it.");
        }

        var labels = fields.Texts("labels");
        foreach (var wrong in labels.Select(PromptLabels.Problem).OfType<string>())
        {
            fields.Refuse($"labels: {wrong}");
        }

        draft = draft with
        {
            VariableDefinitions = [.. fields.Maps("variables").Select(Variable)],
            SystemMessage = fields.Text("systemMessage"),
            Messages = [.. fields.Maps("messages").Select(Message)],
            Content = content,
        };
        if (draft.Messages.Count > 0 && (draft.SystemMessage is not null || !string.IsNullOrWhiteSpace(content)))
        {
            fields.Refuse(
                "A prompt with “messages” has neither a “systemMessage” nor a text after the second ---. Turn them into messages."
            );
        }

        fields.RefuseRest();
        return new PromptDocument(draft.Normalized(), version, [.. labels.Distinct().Order(StringComparer.Ordinal)]);
    }

    private static JsonNode Fields(PromptMessage message) =>
        new JsonObject { ["role"] = ExchangeText.Word(message.Role), ["content"] = message.Content };

    private static PromptMessage Message(YamlFields fields)
    {
        if (fields.Word<MessageRole>("role") is not { } role)
        {
            fields.Refuse("A message needs a “role”: system, user, assistant or placeholder.");
            role = MessageRole.User;
        }

        var message = new PromptMessage(role, fields.Text("content") ?? "");
        fields.RefuseRest();
        return message;
    }

    private static JsonNode Fields(VariableDefinition variable)
    {
        var fields = VariableFields.Write(
            variable.Name,
            variable.Description,
            variable.Type,
            variable.Required,
            variable.Choices,
            variable.Default
        );
        fields.Put("example", variable.Example);
        return fields;
    }

    private static VariableDefinition Variable(YamlFields fields)
    {
        var variable = new VariableDefinition
        {
            Name = fields.Text("name") ?? "",
            Description = fields.Text("description"),
            Type = fields.Word<VariableType>("type") ?? VariableType.Text,
            Required = fields.Truth("required") ?? true,
            Choices = fields.Texts("choices"),
            Default = fields.Json("default"),
            Example = fields.Json("example"),
        };
        fields.RefuseRest();
        return variable;
    }

    [GeneratedRegex(@"\A---\r?\n")]
    private static partial Regex Opening();

    [GeneratedRegex(@"^---(\r?\n|\z)", RegexOptions.Multiline)]
    private static partial Regex Closing();

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,6})\.(0|[1-9][0-9]{0,6})\.(0|[1-9][0-9]{0,6})\z")]
    private static partial Regex Version();
}
