using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange.Foreign.Flows;

/// <summary>The prompts of a flow, and the workflow that chains them if the flow consists of nothing else.</summary>
internal static class FlowItems
{
    private const int MostNotes = 20;

    public static IReadOnlyList<ForeignItem> Of(ForeignFlow flow)
    {
        var (names, obstacles, items) = (new FlowNames(flow), new List<string>(flow.Obstacles), new List<ForeignItem>());
        var titles = new UniqueNames(StringComparer.OrdinalIgnoreCase, " ");
        foreach (var prompt in flow.Prompts)
        {
            var item = new ForeignItem($"{flow.Name}: {titles.Take(prompt.Title)}").WithMessages(prompt.Messages, Dialect(prompt, names));
            items.Add(item);
            obstacles.AddRange(
                FlowNames
                    .ReferencesIn(prompt)
                    .Where(reference => names.Of(prompt, reference) is null)
                    .Take(3)
                    .Select(reference =>
                        $"“{Short(prompt.Label)}” uses “{Short(flow.Describe(reference))}”, "
                        + "which is neither an input nor the output of a prompt."
                    )
            );
            if (item.Reasons.Count > 0)
            {
                obstacles.Add($"“{Short(prompt.Label)}” is refused.");
            }
        }

        if (items.Count == 0)
        {
            return items;
        }

        if (flow.Rest.Count == 0 && obstacles.Count == 0 && Workflow(flow, names, items, obstacles) is { } workflow)
        {
            return [.. items, workflow];
        }

        // What other nodes give is missing because they are.
        NoteRest(flow, items, flow.Rest.Count > 0 ? flow.Obstacles : obstacles);
        return items;
    }

    /// <summary>References get the names that they have in the workflow; others the last part of theirs, each name once.</summary>
    private static Func<string, TranslatedText> Dialect(FlowPrompt prompt, FlowNames names)
    {
        if (prompt.Jinja is not null)
        {
            return JinjaTemplate.Translate;
        }

        var given = FlowNames
            .ReferencesIn(prompt)
            .Select(reference => (Reference: reference, Name: names.Of(prompt, reference)))
            .Where(pair => pair.Name is not null)
            .ToDictionary(pair => pair.Reference, pair => pair.Name!, StringComparer.Ordinal);
        var used = new UniqueNames(StringComparer.Ordinal, "_");
        foreach (var name in given.Values.Distinct(StringComparer.Ordinal))
        {
            used.Take(name);
        }

        return text => PlainTemplates.References(text, NameOf);

        string? NameOf(string reference, string? last)
        {
            return given.TryGetValue(reference, out var name) || last is null ? name : given[reference] = used.Take(last);
        }
    }

    /// <returns>Null when there is an obstacle.</returns>
    private static ForeignItem? Workflow(ForeignFlow flow, FlowNames names, IReadOnlyList<ForeignItem> items, List<string> obstacles)
    {
        var byId = flow.Prompts.Zip(items).ToDictionary(pair => pair.First.Id, pair => (Prompt: pair.First, Item: pair.Second));
        var reads = flow.Prompts.ToDictionary(
            prompt => prompt.Id,
            prompt =>
                FlowNames
                    .ReferencesIn(prompt)
                    .Select(reference => flow.Resolve(prompt, reference))
                    .Where(target => target is { IsOutput: true })
                    .Select(target => target!.Name)
                    .ToHashSet(StringComparer.Ordinal)
        );
        var edges = flow.Edges.Concat(reads.SelectMany(pair => pair.Value.Select(from => (From: from, To: pair.Key)))).Distinct().ToList();
        var order = Order(flow, edges);
        if (order is null)
        {
            obstacles.Add("It has a loop.");
            return null;
        }

        var reached = Reached(flow);
        var steps = order.Where(id => reached.Contains(id) && byId.ContainsKey(id)).Select(id => byId[id]).ToList();
        if (steps.Count == 0)
        {
            obstacles.Add("No prompt is connected to its start.");
            return null;
        }

        var content = new WorkflowContent(flow.Name, [], names.Inputs, [.. steps.Select(step => Step(step.Prompt, step.Item.Name))])
        {
            Options = new WorkflowOptions { Description = Description(flow), ChatInput = names.InputOf(flow.ChatInput) },
        };
        var workflow = new ForeignItem(flow.Name) { Workflow = new WorkflowDocument(content.Tidy(), []) };
        workflow.Notes.Add("Parameters of models, retries and error handling are not imported.");
        workflow.Notes.AddRange(flow.Notes);
        workflow.Notes.AddRange(
            flow.Prompts.Where(prompt => !reached.Contains(prompt.Id))
                .Select(prompt => $"“{Short(prompt.Label)}” is not connected to the start, so it is not a step.")
                .Take(MostNotes)
        );
        workflow.Notes.AddRange(
            flow.Edges.Distinct()
                .Where(edge => byId.ContainsKey(edge.From) && reads.TryGetValue(edge.To, out var read) && !read.Contains(edge.From))
                .Select(edge =>
                    $"“{Short(byId[edge.To].Prompt.Label)}” does not use the output of “{Short(byId[edge.From].Prompt.Label)}”, "
                    + "so it does not wait for it here."
                )
                .Take(MostNotes)
        );
        return workflow;

        StepContent Step(FlowPrompt prompt, string name) =>
            new(null, name, null, null, prompt.Model ?? $"Model of {flow.Name}", Mapping(prompt), names.KeyOf(prompt));

        Dictionary<string, string> Mapping(FlowPrompt prompt) =>
            prompt.Jinja is { } variables
                ? variables.ToDictionary(pair => pair.Key, pair => names.Of(prompt, pair.Value)!)
                : FlowNames.ReferencesIn(prompt).Select(reference => names.Of(prompt, reference)!).Distinct().ToDictionary(name => name);
    }

    private static string? Description(ForeignFlow flow) =>
        flow.Description is { Length: > 0 and <= WorkflowOptions.LongestDescription } text ? text : null;

    /// <summary>All nodes, each after those before it, else as in the file; null: there is a loop.</summary>
    private static List<string>? Order(ForeignFlow flow, IReadOnlyList<(string From, string To)> edges)
    {
        var nodes = flow
            .Starts.Concat(flow.Prompts.Select(prompt => prompt.Id))
            .Concat(edges.SelectMany(edge => new[] { edge.From, edge.To }))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var waiting = edges.GroupBy(edge => edge.To).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var after = edges.ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        var ready = new Queue<string>(nodes.Where(node => !waiting.ContainsKey(node)));
        var order = new List<string>();
        while (ready.TryDequeue(out var node))
        {
            order.Add(node);
            foreach (var next in after[node].Where(next => --waiting[next] == 0))
            {
                ready.Enqueue(next);
            }
        }

        return order.Count == nodes.Count ? order : null;
    }

    private static HashSet<string> Reached(ForeignFlow flow)
    {
        var after = flow.Edges.ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        var (reached, open) = (new HashSet<string>(flow.Starts, StringComparer.Ordinal), new Stack<string>(flow.Starts));
        while (open.TryPop(out var node))
        {
            foreach (var next in after[node].Where(reached.Add))
            {
                open.Push(next);
            }
        }

        return reached;
    }

    private static void NoteRest(ForeignFlow flow, List<ForeignItem> items, IReadOnlyList<string> obstacles)
    {
        var rest = flow.Rest.GroupBy(kind => kind).Select(group => $"{group.Count()} × {group.Key}").ToList();
        foreach (var item in items)
        {
            item.Notes.Add("Only prompts are imported. Chain them in a workflow here.");
            if (rest.Count > 0)
            {
                item.Notes.Add($"These nodes are not imported: {Short(string.Join(", ", rest))}.");
            }
        }

        items[0].Notes.AddRange(obstacles.Distinct().Take(5).Select(obstacle => $"The flow is not imported: {obstacle}"));
    }

    private static string Short(string text) => YamlReader.Short(text);
}
