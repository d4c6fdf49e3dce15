using System.Text.Json;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange.Foreign.Flows;

/// <summary>An app of Dify: a prompt, or a graph of nodes.</summary>
internal static class DifyFlow
{
    public static bool Is(JsonElement value) => value.TextAt("kind") == "app" && value.Has("app");

    public static IEnumerable<ForeignItem> Read(JsonElement app, string name)
    {
        name = app.TextAt("app", "name") ?? name;
        if (app.TextAt("model_config", "pre_prompt") is { Length: > 0 } text)
        {
            yield return new ForeignItem(name).WithText(text, PlainTemplates.References);
        }

        foreach (var item in FlowItems.Of(Flow(app, name)))
        {
            yield return item;
        }
    }

    private static ForeignFlow Flow(JsonElement app, string name)
    {
        var nodes = app.ListAt("workflow", "graph", "nodes")
            .Where(node => node.TextAt("type") != "custom-note")
            .Select((node, i) => (Id: node.TextAt("id") ?? $"node {i + 1}", Data: node.At("data") ?? node))
            .DistinctBy(node => node.Id, StringComparer.Ordinal)
            .ToList();
        var labels = Labels(nodes);
        var isChat = app.TextAt("app", "mode") == "advanced-chat";
        var models = nodes.FindAll(node => KindOf(node) == "llm");
        var prompts = models.Select((node, i) => Prompt(node.Id, node.Data, i + 1, isChat, labels)).ToList();
        var contexts = models.ToDictionary(node => node.Id, node => Selector(node.Data.At("context", "variable_selector")));
        var outputs = prompts.Select(prompt => $"{prompt.Id}.text").ToHashSet(StringComparer.Ordinal);
        var starts = nodes.FindAll(node => KindOf(node) == "start");
        var isStart = starts.Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
        var variables = starts.SelectMany(node => node.Data.ListAt("variables")).ToList();
        var edges = app.ListAt("workflow", "graph", "edges");
        return new ForeignFlow(name, prompts, Resolve)
        {
            Description = app.TextAt("app", "description"),
            Inputs = [.. variables.Select(Input).OfType<WorkflowInput>(), .. Query(isChat)],
            ChatInput = isChat ? "query" : null,
            Starts = [.. starts.Select(node => node.Id)],
            Edges = [.. edges.Select(edge => (edge.TextAt("source") ?? "", edge.TextAt("target") ?? ""))],
            Rest =
            [
                .. nodes
                    .Select(KindOf)
                    .Where(kind => kind is not ("llm" or "start" or "end" or "answer"))
                    .Select(kind => kind ?? "unknown"),
            ],
            Obstacles =
            [
                .. variables
                    .Where(variable => Input(variable) is null)
                    .Select(variable => $"The input “{Short(variable.TextAt("variable") ?? "")}” has no equivalent here."),
                .. edges
                    .Where(edge => edge.TextAt("sourceHandle") is "fail-branch")
                    .Take(1)
                    .Select(edge => $"“{LabelOf(edge.TextAt("source") ?? "")}” continues with another node when it fails."),
            ],
            Notes = [.. models.SelectMany(node => Notes(node.Data, LabelOf(node.Id))), .. nodes.Where(HasText).Select(NoteOfText)],
            Describe = Describe,
        };

        string LabelOf(string id) => Short(labels.GetValueOrDefault(id) ?? id);

        // References name nodes by their ids, which nobody has seen.
        string Describe(string reference) =>
            reference.Split('.', 2) is [var id, var rest] && labels.TryGetValue(id, out var label)
                ? $"{Shorten.Text(label, 41)}.{rest}"
                : reference;

        string NoteOfText((string Id, JsonElement Data) node) =>
            $"The text of “{LabelOf(node.Id)}” is not imported: the answer is the output of the last step.";

        FlowReference? Resolve(FlowPrompt prompt, string reference)
        {
            reference = reference == "context" ? contexts[prompt.Id] : reference;
            var dot = reference.IndexOf('.', StringComparison.Ordinal);
            var (first, rest) = dot < 0 ? (reference, "") : (reference[..dot], reference[(dot + 1)..]);
            return outputs.Contains(reference) ? new FlowReference(first, IsOutput: true)
                : (first == "sys" && rest is not ("files" or "")) || (isStart.Contains(first) && rest != "" && !rest.Contains('.'))
                    ? new FlowReference(rest, IsOutput: false)
                : null;
        }
    }

    /// <summary>The message of a chat.</summary>
    private static IEnumerable<WorkflowInput> Query(bool isChat) => isChat ? [new WorkflowInput { Name = "query" }] : [];

    /// <summary>What people know each node by: its title, with its id if others have the same.</summary>
    private static Dictionary<string, string> Labels(IReadOnlyList<(string Id, JsonElement Data)> nodes)
    {
        var counts = nodes.CountBy(TitleOf, StringComparer.OrdinalIgnoreCase).ToDictionary(StringComparer.OrdinalIgnoreCase);
        return nodes.ToDictionary(
            node => node.Id,
            node => counts[TitleOf(node)] > 1 ? $"{TitleOf(node)} ({node.Id})" : TitleOf(node),
            StringComparer.Ordinal
        );

        static string TitleOf((string Id, JsonElement Data) node) =>
            node.Data.TextAt("title")?.Trim() is { Length: > 0 } title ? title
            : KindOf(node) is "answer" ? "Answer"
            : node.Id;
    }

    private static FlowPrompt Prompt(string id, JsonElement data, int number, bool isChat, Dictionary<string, string> labels)
    {
        var given =
            data.At("prompt_template") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToList()
            : data.At("prompt_template") is { } one ? [one]
            : [];
        var isJinja = given.Exists(IsJinja);
        List<(string, string)> messages =
        [
            .. given.Select(message =>
                (
                    message.TextAt("role") ?? "user",
                    (IsJinja(message) ? message.TextAt("jinja2_text") : null) ?? message.TextAt("text") ?? ""
                )
            ),
        ];

        // A node with memory gets the message of the chat without naming it.
        if (isChat && !isJinja && data.At("memory") is { ValueKind: JsonValueKind.Object } memory)
        {
            messages.Add(("user", memory.TextAt("query_prompt_template") is { Length: > 0 } query ? query : "{{#sys.query#}}"));
        }

        var title = data.TextAt("title");
        return new FlowPrompt(id, title ?? $"prompt {number}", messages, data.TextAt("model", "name"))
        {
            Label = title is null ? $"prompt {number}" : labels[id],
            Jinja = isJinja
                ? data.ListAt("prompt_config", "jinja2_variables")
                    .Where(variable => variable.TextAt("variable") is not null)
                    .GroupBy(variable => variable.TextAt("variable")!)
                    .ToDictionary(group => group.Key, group => Selector(group.Last().At("value_selector")))
                : null,
        };
    }

    private static bool IsJinja(JsonElement message) => message.TextAt("edition_type") == "jinja2";

    private static string Selector(JsonElement? path) =>
        path is { ValueKind: JsonValueKind.Array } parts
            ? string.Join('.', parts.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString() : ""))
            : "";

    /// <returns>Null for a file and other types without a counterpart.</returns>
    private static WorkflowInput? Input(JsonElement variable)
    {
        var choices = variable
            .ListAt("options")
            .Where(option => option.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(option.GetString()))
            .Select(option => option.GetString()!)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        VariableType? type = variable.TextAt("type") switch
        {
            "text-input" or "paragraph" => VariableType.Text,
            "select" => choices.Count > 0 ? VariableType.Choice : VariableType.Text,
            "number" => VariableType.Number,
            "checkbox" => VariableType.Boolean,
            "json_object" => VariableType.Json,
            _ => null,
        };
        return type is not { } known || variable.TextAt("variable") is not { Length: > 0 } name
            ? null
            : new WorkflowInput
            {
                Name = name,
                Description = variable.TextAt("label") is { Length: > 0 } label && label != name ? label : null,
                Type = known,
                Required = variable.At("required") is not { ValueKind: JsonValueKind.False },
                Choices = known == VariableType.Choice ? choices : [],
            };
    }

    private static IEnumerable<string> Notes(JsonElement data, string title)
    {
        if (data.At("memory") is { ValueKind: JsonValueKind.Object })
        {
            yield return $"“{title}” gets no earlier messages of the chat.";
        }

        if (data.At("vision", "enabled") is { ValueKind: JsonValueKind.True })
        {
            yield return $"“{title}” gets no pictures. Add an input of type image to its prompt.";
        }

        if (data.At("structured_output_enabled") is { ValueKind: JsonValueKind.True })
        {
            yield return $"The schema of the output of “{title}” is not imported. Set it at the step.";
        }
    }

    /// <summary>An answer that is more than the output of a node.</summary>
    private static bool HasText((string Id, JsonElement Data) node) =>
        KindOf(node) == "answer"
        && node.Data.TextAt("answer")?.Trim() is { Length: > 0 } answer
        && !(
            PlainTemplates.ReferencesIn(answer).Count() == 1
            && answer.StartsWith("{{", StringComparison.Ordinal)
            && answer.EndsWith("}}", StringComparison.Ordinal)
        );

    private static string? KindOf((string Id, JsonElement Data) node) => node.Data.TextAt("type");

    private static string Short(string text) => YamlReader.Short(text);
}
