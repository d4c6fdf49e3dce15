using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Prompts;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>Files of libraries of prompts: Langfuse, OpenAI and LangChain.</summary>
internal static class PromptFormats
{
    private const string NoModel = "Model and parameters were not imported. Choose a model profile where the prompt is used.";

    /// <summary>Where a prompt object has its messages.</summary>
    private static readonly string[] MessageFields = ["messages", "input", "prompt"];

    /// <summary>The most versions of a prompt that are imported.</summary>
    private const int MostVersions = 200;

    /// <summary>Exports of Langfuse's API: one prompt, a list, or a page of them. All versions of a name become one prompt.</summary>
    public static IEnumerable<ForeignItem> Langfuse(IReadOnlyList<JsonElement> prompts)
    {
        foreach (var prompt in prompts.GroupBy(prompt => prompt.TextAt("name")!))
        {
            var versions = prompt.GroupBy(VersionOf).OrderBy(version => version.Key).Select(version => version.Last()).ToList();
            var item = LangfuseVersion(versions[^1], prompt.Key);
            var earlier = new List<PromptDocument>();
            foreach (var version in versions.SkipLast(1).TakeLast(MostVersions - 1))
            {
                var read = LangfuseVersion(version, prompt.Key);
                var reasons = read.Reasons.Count > 0 ? read.Reasons : ImportParser.ReasonsOf(read.Draft);
                if (reasons.Count > 0)
                {
                    item.Notes.Add($"Version {VersionOf(version)} is not imported. {reasons[0]}");
                    continue;
                }

                earlier.Add(new PromptDocument(read.Draft.Normalized(), read.Version, read.Labels));
            }

            // A label is on one version: the newest that has it.
            var taken = item.Labels.ToHashSet(StringComparer.Ordinal);
            for (var i = earlier.Count - 1; i >= 0; i--)
            {
                earlier[i] = earlier[i] with { Labels = [.. earlier[i].Labels.Where(taken.Add)] };
            }

            item.Earlier = earlier;
            if (earlier.Count > 0)
            {
                item.Notes.Add($"A new prompt gets {earlier.Count:N0} earlier {(earlier.Count == 1 ? "version" : "versions")} too.");
            }

            if (versions.Count > MostVersions)
            {
                item.Notes.Add($"Only the newest {MostVersions} versions are imported.");
            }

            yield return item;
        }
    }

    private static ForeignItem LangfuseVersion(JsonElement version, string name)
    {
        var item = new ForeignItem(name) { Version = $"{Math.Max(1, VersionOf(version))}.0.0" };
        if (version.At("prompt") is { ValueKind: JsonValueKind.Array })
        {
            item.WithMessages(
                [
                    .. version
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
            item.WithText(version.TextAt("prompt") ?? "", PlainTemplates.Mustache);
        }

        var labels = Texts(version, "labels").Where(label => label != "latest").ToList();
        item.Labels = [.. labels.Where(label => PromptLabels.Problem(label) is null).Distinct().Order(StringComparer.Ordinal)];
        item.Notes.AddRange(labels.Except(item.Labels).Select(label => $"The label “{label}” cannot be used here."));
        item.Tag(Texts(version, "tags"));
        if (version.At("config") is { ValueKind: JsonValueKind.Object } config && config.EnumerateObject().Any())
        {
            item.Notes.Add(NoModel);
        }

        return item;
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
