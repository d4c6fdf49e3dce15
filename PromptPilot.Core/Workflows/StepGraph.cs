using PromptPilot.Core.Liquid;

namespace PromptPilot.Core.Workflows;

/// <summary>The state of a step in the data flow.</summary>
/// <param name="Reads">The output keys of earlier steps that its mapping, guard or list reads, in order of those steps: it starts when they
/// are there.</param>
/// <param name="Level">1 for steps that read no other step, else one more than the deepest step they read. Steps of one level can run at
/// the same time.</param>
public sealed record StepNode(string StepId, string OutputKey, IReadOnlyList<string> Reads, int Level);

/// <summary>The data flow of a workflow. It is not drawn by hand: the mapping is the graph.</summary>
internal static class StepGraph
{
    /// <summary>
    /// The nodes, in the order of the steps. Only keys of earlier steps are edges, so no mapping can create a cycle.
    /// </summary>
    public static IReadOnlyList<StepNode> Of(IReadOnlyList<StepDefinition> steps) =>
        Of(steps.OrderBy(s => s.Order).Select(s => (s.Id, s.OutputKey, s.InputMapping, s.Options)));

    /// <summary>The same for a draft, given in the order of its steps.</summary>
    public static IReadOnlyList<StepNode> Of(
        IEnumerable<(string Id, string OutputKey, IReadOnlyDictionary<string, string> InputMapping, StepOptions Options)> steps
    )
    {
        var nodes = new List<StepNode>();
        foreach (var (id, outputKey, mapping, options) in steps)
        {
            var wanted = Expressions(mapping, options).SelectMany(expression => LiquidExpression.Parse(expression).Reads).ToHashSet();
            var read = nodes.Where(node => wanted.Contains(node.OutputKey)).ToList();
            nodes.Add(
                new StepNode(
                    id,
                    outputKey,
                    [.. read.Select(node => node.OutputKey)],
                    read.Count == 0 ? 1 : read.Max(node => node.Level) + 1
                )
            );
        }

        return nodes;
    }

    private static IEnumerable<string> Expressions(IReadOnlyDictionary<string, string> mapping, StepOptions options)
    {
        var guards = new[] { options.When, options.ForEach }.OfType<string>();
        return guards.Concat(mapping.Values);
    }
}
