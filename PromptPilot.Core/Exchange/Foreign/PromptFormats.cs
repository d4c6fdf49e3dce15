using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Prompts;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>Files of libraries of prompts: Langfuse, OpenAI and LangChain.</summary>
internal static class PromptFormats
{
    private const string NoModel = "Model and parameters were not imported. Choose a model profile where the prompt is used.";

    /// <summary>Where a prompt object has its messages.</summary>
    private static readonly string[] MessageFields = ["messages", "input", "prompt"];

    /// <summary>Exports of Langfuse's API: one prompt, a list, or a page of them.</summary>
    public static IEnumerable<ForeignItem> Langfuse(IReadOnlyList<JsonElement> prompts)
    {
        foreach (var versions in prompts.GroupBy(prompt => prompt.TextAt("name")!))
        {
            var newest = versions.MaxBy(VersionOf);
            var item = new ForeignItem(versions.Key) { Version = $"{Math.Max(1, VersionOf(newest))}.0.0" };
            if (newest.At("prompt") is { ValueKind: JsonValueKind.Array })
            {
                item.WithMessages(
                    [
                        .. newest
                            .ListAt("prompt")
                            .Select(message =>
                                message.TextAt("type") == "placeholder"
                                    ? ("placeholder", message.TextAt("name") ?? "")
                                    : (message.TextAt("role") ?? "", message.TextAt("content") ?? "")
                            ),
                    ],
                    PlainTemplates.Mustache
                );
            }
            else
            {
                item.WithText(newest.TextAt("prompt") ?? "", PlainTemplates.Mustache);
            }

            var labels = Texts(newest, "labels").Where(label => label != "latest").ToList();
            item.Labels = [.. labels.Where(label => PromptLabels.Problem(label) is null).Distinct().Order(StringComparer.Ordinal)];
            item.Notes.AddRange(labels.Except(item.Labels).Select(label => $"The label “{label}” cannot be used here."));
            item.Tag(Texts(newest, "tags"));
            if (versions.Count() > 1)
            {
                item.Notes.Add($"{versions.Count() - 1} earlier versions are not imported.");
            }

            if (newest.At("config") is { ValueKind: JsonValueKind.Object } config && config.EnumerateObject().Any())
            {
                item.Notes.Add(NoModel);
            }

            yield return item;
        }
    }

    /// <summary>A prompt object, or a request with messages.</summary>
    public static ForeignItem OpenAI(JsonElement prompt, string name)
    {
        var item = new ForeignItem(prompt.TextAt("name") ?? name);
        List<(string, string)> messages =
        [
            .. MessageFields
                .SelectMany(field => prompt.ListAt(field))
                .Select(message => (message.TextAt("role") ?? "user", JsonShape.TextOf(message.At("content")))),
        ];
        if (prompt.TextAt("instructions") is { Length: > 0 } instructions)
        {
            messages.Insert(0, ("system", instructions));
        }

        if (prompt.TextAt("input") is { } input)
        {
            messages.Add(("user", input));
        }

        if (prompt.ListAt("tools").Count > 0)
        {
            item.Notes.Add("Tools are not imported: prompts cannot call tools here.");
        }

        if (prompt.Has("model"))
        {
            item.Notes.Add(NoModel);
        }

        return item.WithMessages(messages, PlainTemplates.Mustache);
    }

    /// <summary>A prompt of LangChain's hub, as it serializes objects.</summary>
    public static ForeignItem LangChain(JsonElement prompt, string name)
    {
        var fields = prompt.At("kwargs") ?? prompt;
        var item = new ForeignItem(fields.TextAt("name") ?? name);
        var messages = fields.ListAt("messages");
        return messages.Count == 0
            ? item.WithText(fields.TextAt("template") ?? "", DialectOf(fields))
            : item.WithMessages([.. messages.Select(MessageOf)], DialectOf(messages[0].At("kwargs", "prompt", "kwargs") ?? fields));
    }

    public static bool IsLangChain(JsonElement value) =>
        value.Has("lc")
        || (value.TextAt("_type") is "prompt" or "chat" && (value.Has("template") || value.Has("messages")))
        || (value.Has("template") && value.Has("input_variables"));

    private static (string Role, string Text) MessageOf(JsonElement message)
    {
        var type = message.ListAt("id") is [.., { ValueKind: JsonValueKind.String } last] ? last.GetString()! : "";
        var fields = message.At("kwargs") ?? message;
        return type.StartsWith("MessagesPlaceholder", StringComparison.Ordinal)
            ? ("placeholder", fields.TextAt("variable_name") ?? "")
            : (
                type.StartsWith("System", StringComparison.Ordinal) ? "system"
                : type.StartsWith("AI", StringComparison.Ordinal) ? "assistant"
                : type.StartsWith("Human", StringComparison.Ordinal) ? "user"
                : fields.TextAt("role") ?? type,
                fields.TextAt("prompt", "kwargs", "template")
                    ?? fields.TextAt("prompt", "template")
                    ?? JsonShape.TextOf(fields.At("content"))
            );
    }

    private static Func<string, TranslatedText> DialectOf(JsonElement fields) =>
        fields.TextAt("template_format") switch
        {
            "mustache" => PlainTemplates.Mustache,
            "jinja2" => JinjaTemplate.Translate,
            _ => PlainTemplates.Format,
        };

    private static int VersionOf(JsonElement prompt) =>
        prompt.At("version") is { ValueKind: JsonValueKind.Number } version
        && int.TryParse(version.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, 9_999)
            : 1;

    private static IEnumerable<string> Texts(JsonElement value, string field) =>
        value.ListAt(field).Where(text => text.ValueKind == JsonValueKind.String).Select(text => text.GetString()!);
}
