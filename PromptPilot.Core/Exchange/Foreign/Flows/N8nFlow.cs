using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Exchange.Yaml;

namespace PromptPilot.Core.Exchange.Foreign.Flows;

/// <summary>A workflow of n8n. Its nodes are known by their names.</summary>
internal static partial class N8nFlow
{
    private const string SystemMessage = "SystemMessagePromptTemplate";

    /// <summary>Where nodes that call a model put its text.</summary>
    private static readonly string[] Outputs = ["text", "response.text", "response", "output", "message.content", "content"];

    private static readonly string[] Starts = ["manualTrigger", "chatTrigger", "formTrigger", "executeWorkflowTrigger", "start"];

    /// <summary>Nodes whose text is all that they send. Others, such as a classifier, add their own.</summary>
    private static readonly string[] Plain = ["chainLlm", "agent", "openAi", "anthropic", "googleGemini", "ollama"];

    public static bool Is(JsonElement value) => value.At("nodes") is { ValueKind: JsonValueKind.Array } && value.Has("connections");

    public static IEnumerable<ForeignItem> Read(JsonElement flow, string name)
    {
        name = flow.TextAt("name") ?? name;
        var nodes = flow.ListAt("nodes")
            .Select((node, i) => (Name: node.TextAt("name") ?? $"prompt {i + 1}", Node: node))
            .Where(node => KindOf(node.Node) is not ("stickyNote" or "noOp"))
            .DistinctBy(node => node.Name, StringComparer.Ordinal)
            .ToList();
        var links = Links(flow).ToList();
        var feeds = links
            .Where(link => link.Kind == "ai_languageModel")
            .ToLookup(link => link.To, link => link.From, StringComparer.Ordinal);
        var isModel = feeds.SelectMany(model => model).ToHashSet(StringComparer.Ordinal);
        var models = nodes.Where(node => isModel.Contains(node.Name)).ToDictionary(node => node.Name, node => ModelOf(node.Node));
        var prompts = new List<FlowPrompt>();
        var (rest, obstacles) = (new List<string>(), new List<string>());
        foreach (var (title, node) in nodes.Where(node => !isModel.Contains(node.Name) && !Starts.Contains(KindOf(node.Node))))
        {
            if (node.At("disabled") is { ValueKind: JsonValueKind.True } || MessagesOf(node) is not { Count: > 0 } messages)
            {
                rest.Add(node.TextAt("type") ?? "unknown");
                continue;
            }

            var model = ModelOf(node) ?? feeds[title].Select(models.GetValueOrDefault).LastOrDefault();
            prompts.Add(new FlowPrompt(title, title, messages, model));
            if (!Plain.Contains(KindOf(node)))
            {
                obstacles.Add($"“{YamlReader.Short(title)}” has the type {YamlReader.Short(node.TextAt("type") ?? "")}.");
            }
        }

        var main = links.Where(link => link.Kind == "main").ToList();
        var isPrompt = prompts.Select(prompt => prompt.Id).ToHashSet(StringComparer.Ordinal);
        var starts = nodes.Where(node => Starts.Contains(KindOf(node.Node))).ToList();
        var isStart = starts.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var before = main.GroupBy(link => link.To, link => link.From, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Distinct(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
        var fromStarts = before
            .Where(pair => pair.Value.TrueForAll(isStart.Contains))
            .Select(pair => pair.Key)
            .ToHashSet(StringComparer.Ordinal);
        obstacles.AddRange(
            prompts
                .Where(prompt => before.TryGetValue(prompt.Id, out var from) && from.Count > 1 && from.Exists(isPrompt.Contains))
                .Select(prompt => $"“{YamlReader.Short(prompt.Title)}” runs once for each of the nodes before it.")
        );
        if (main.Find(link => link.Output > 0) is { From: { } fails })
        {
            obstacles.Add($"“{YamlReader.Short(fails)}” continues with another node when it fails.");
        }

        return FlowItems.Of(
            new ForeignFlow(name, prompts, Resolve)
            {
                ChatInput = starts.Exists(node => KindOf(node.Node) == "chatTrigger") ? "chatInput" : null,
                Starts = [.. isStart],
                Edges = [.. main.Select(link => (link.From, link.To))],
                Rest = rest,
                Obstacles = obstacles,
            }
        );

        FlowReference? Resolve(FlowPrompt prompt, string reference)
        {
            if (
                reference.Length > PlainTemplates.LongestReference
                || Expression().Match(reference) is not { Success: true } match
                || PathOf(match.Groups["path"].Value) is not { } path
            )
            {
                return null;
            }

            var named = match.Groups["node"] is { Success: true, Value: var node } ? node : null;
            var only = named ?? (before.TryGetValue(prompt.Id, out var from) && from is [var one] ? one : null);
            return only is not null && isPrompt.Contains(only)
                ? Outputs.Contains(path)
                    ? new FlowReference(only, IsOutput: true)
                    : null
                : (named is null ? fromStarts.Contains(prompt.Id) : isStart.Contains(named)) && !path.Contains('.')
                    ? new FlowReference(path, IsOutput: false)
                    : null;
        }
    }

    /// <summary>The texts of a node that calls a model; an expression begins with an equals sign.</summary>
    private static List<(string Role, string Text)> MessagesOf(JsonElement node)
    {
        var type = node.TextAt("type") ?? "";
        var fields = node.At("parameters") ?? node;
        if (
            !(type.Contains("langchain", StringComparison.OrdinalIgnoreCase) || KindOf(node) == "openAi")
            || fields.TextAt("resource") is not (null or "text" or "chat")
        )
        {
            return [];
        }

        List<(string Role, string? Text)> found =
        [
            ("system", fields.TextAt("options", "systemMessage")),
            .. fields.ListAt("messages", "messageValues").Select(message => (RoleOf(message, SystemMessage), message.TextAt("message"))),
            .. fields
                .ListAt("messages", "values")
                .Select(message => (RoleOf(message, ""), message.TextAt("content") ?? message.TextAt("message"))),
            ("user", fields.TextAt("text") ?? fields.TextAt("prompt") ?? (TakesInput(node, fields) ? "={{ $json.chatInput }}" : null)),
        ];
        return [.. found.Where(message => message.Text is { Length: > 0 }).Select(message => (message.Role, message.Text!.TrimStart('=')))];
    }

    /// <summary>A node that takes the text of the node before it does not say so: that is its default.</summary>
    private static bool TakesInput(JsonElement node, JsonElement fields) =>
        KindOf(node) is "chainLlm" or "agent" && fields.TextAt("promptType") is null or "auto";

    /// <param name="usual">The type of a message that does not name it, which is its default.</param>
    private static string RoleOf(JsonElement message, string usual) =>
        message.TextAt("role")
        ?? (message.TextAt("type") ?? usual) switch
        {
            SystemMessage => "system",
            "AIMessagePromptTemplate" => "assistant",
            _ => "user",
        };

    private static string? ModelOf(JsonElement node)
    {
        var fields = node.At("parameters") ?? node;
        string? name = null;
        foreach (var field in new[] { "modelId", "model", "modelName" })
        {
            name ??= fields.TextAt(field, "value") ?? fields.TextAt(field);
        }

        return string.IsNullOrWhiteSpace(name) || name.StartsWith('=') ? null : name[(name.LastIndexOf('/') + 1)..];
    }

    private static string KindOf(JsonElement node)
    {
        var type = node.TextAt("type") ?? "";
        return type[(type.LastIndexOf('.') + 1)..];
    }

    private static IEnumerable<(string From, string Kind, int Output, string To)> Links(JsonElement flow)
    {
        if (flow.At("connections") is not { ValueKind: JsonValueKind.Object } connections)
        {
            yield break;
        }

        foreach (var from in connections.EnumerateObject())
        {
            foreach (
                var kind in from.Value.ValueKind == JsonValueKind.Object ? [.. from.Value.EnumerateObject()] : Array.Empty<JsonProperty>()
            )
            {
                var output = 0;
                foreach (
                    var targets in kind.Value.ValueKind == JsonValueKind.Array
                        ? [.. kind.Value.EnumerateArray()]
                        : Array.Empty<JsonElement>()
                )
                {
                    foreach (var to in targets.ListAt().Select(target => target.TextAt("node")).OfType<string>())
                    {
                        yield return (from.Name, kind.Name, output, to);
                    }

                    output++;
                }
            }
        }
    }

    /// <summary>The names of a path, joined by dots; null: it is more than names.</summary>
    private static string? PathOf(string path) =>
        PathNames().Match(path) is { Success: true } match
            ? string.Join('.', match.Groups["name"].Captures.Select(name => name.Value))
            : null;

    [GeneratedRegex(
        @"^\$(?:json|input\.(?:item|first\(\)|last\(\))\.json|(?:\(['""](?<node>[^'""]+)['""]\)|node\[['""](?<node>[^'""]+)['""]\])"
            + @"(?:\.item|\.first\(\)|\.last\(\))?\.json)(?<path>[.\[].*)$"
    )]
    private static partial Regex Expression();

    [GeneratedRegex(@"^(?:\.(?<name>[\p{L}_][\p{L}\p{N}_]*)|\[['""](?<name>[^'""\].]+)['""]\])+$")]
    private static partial Regex PathNames();
}
