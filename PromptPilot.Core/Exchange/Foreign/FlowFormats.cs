using System.Text.Json;
using PromptPilot.Core.Exchange.Foreign.Templates;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>Flows of Dify and n8n: their prompts are imported one by one. What connects them is not, and is listed.</summary>
internal static class FlowFormats
{
    public static bool IsDify(JsonElement value) => value.TextAt("kind") == "app" && value.Has("app");

    public static bool IsN8n(JsonElement value) => value.At("nodes") is { ValueKind: JsonValueKind.Array } && value.Has("connections");

    public static IEnumerable<ForeignItem> Dify(JsonElement app, string name)
    {
        name = app.TextAt("app", "name") ?? name;
        var nodes = app.ListAt("workflow", "graph", "nodes").Select(node => node.At("data") ?? node).ToList();
        var items = new List<ForeignItem>();
        if (app.TextAt("model_config", "pre_prompt") is { Length: > 0 } text)
        {
            items.Add(new ForeignItem(name).WithText(text, PlainTemplates.References));
        }

        foreach (var node in nodes.Where(node => node.TextAt("type") == "llm"))
        {
            var item = new ForeignItem($"{name}: {node.TextAt("title") ?? $"prompt {items.Count + 1}"}");
            items.Add(
                node.At("prompt_template") is { ValueKind: JsonValueKind.Array } messages
                    ? item.WithMessages(
                        [.. messages.EnumerateArray().Select(message => (message.TextAt("role") ?? "user", message.TextAt("text") ?? ""))],
                        PlainTemplates.References
                    )
                    : item.WithText(node.TextAt("prompt_template", "text") ?? "", PlainTemplates.References)
            );
        }

        return WithRest(
            items,
            nodes.Where(node => node.TextAt("type") is not ("llm" or "start" or "end" or "answer")),
            node => node.TextAt("type")
        );
    }

    public static IEnumerable<ForeignItem> N8n(JsonElement flow, string name)
    {
        name = flow.TextAt("name") ?? name;
        var items = new List<ForeignItem>();
        var rest = new List<JsonElement>();
        foreach (var node in flow.ListAt("nodes"))
        {
            var messages = MessagesOf(node);
            if (messages.Count == 0)
            {
                rest.Add(node);
                continue;
            }

            items.Add(
                new ForeignItem($"{name}: {node.TextAt("name") ?? $"prompt {items.Count + 1}"}").WithMessages(
                    messages,
                    PlainTemplates.References
                )
            );
        }

        return WithRest(items, rest, node => node.TextAt("type"));
    }

    /// <summary>The texts of a node that calls a model; an expression begins with an equals sign.</summary>
    private static List<(string Role, string Text)> MessagesOf(JsonElement node)
    {
        var type = node.TextAt("type") ?? "";
        if (!type.Contains("langchain", StringComparison.OrdinalIgnoreCase) && !type.Contains("openAi", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        var fields = node.At("parameters") ?? node;
        List<(string Role, string? Text)> found =
        [
            ("system", fields.TextAt("options", "systemMessage")),
            .. fields
                .ListAt("messages", "messageValues")
                .Concat(fields.ListAt("messages", "values"))
                .Select(message => (RoleOf(message), message.TextAt("message") ?? message.TextAt("content"))),
            ("user", fields.TextAt("text") ?? fields.TextAt("prompt")),
        ];
        return [.. found.Where(message => message.Text is { Length: > 0 }).Select(message => (message.Role, message.Text!.TrimStart('=')))];
    }

    private static string RoleOf(JsonElement message) =>
        message.TextAt("role")
        ?? message.TextAt("type") switch
        {
            "SystemMessagePromptTemplate" => "system",
            "AIMessagePromptTemplate" => "assistant",
            _ => "user",
        };

    private static List<ForeignItem> WithRest(List<ForeignItem> items, IEnumerable<JsonElement> rest, Func<JsonElement, string?> kind)
    {
        var left = rest.Select(node => kind(node) ?? "unknown")
            .GroupBy(type => type)
            .Select(group => $"{group.Count()} × {group.Key}")
            .ToList();
        foreach (var item in items)
        {
            item.Notes.Add("Only prompts are imported. Chain them in a workflow here.");
            if (left.Count > 0)
            {
                item.Notes.Add($"These nodes are not imported: {Yaml.YamlReader.Short(string.Join(", ", left))}.");
            }
        }

        return items;
    }
}
