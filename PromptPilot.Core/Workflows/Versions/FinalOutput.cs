using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>The output that a workflow is for: the one that no other step reads, unless another is chosen.</summary>
internal static class FinalOutput
{
    /// <summary>The keys that no step reads, in the order of the steps.</summary>
    public static IReadOnlyList<string> KeysOf(IReadOnlyList<StepDefinition> steps)
    {
        var nodes = StepGraph.Of(steps);
        var read = nodes.SelectMany(node => node.Reads).ToHashSet(StringComparer.Ordinal);
        return [.. nodes.Select(node => node.OutputKey).Where(key => !read.Contains(key))];
    }

    /// <summary>The key of the output that is compared and checked.</summary>
    /// <param name="chosen">Null: the final one.</param>
    /// <returns>A problem at <c>outputKey</c> when there is no such output, or several are final and none is chosen.</returns>
    public static Result<string> KeyOf(IReadOnlyList<StepDefinition> steps, string? chosen)
    {
        if (chosen is not null)
        {
            return steps.Any(step => step.OutputKey == chosen)
                ? chosen
                : Problem.AtField("outputKey", $"This version of the workflow has no output “{chosen}”. Choose another output.");
        }

        return KeysOf(steps) switch
        {
            [var only] => only,
            var several => Problem.AtField(
                "outputKey",
                $"This workflow has {several.Count} final outputs: {string.Join(", ", several)}. Choose the one to check on the test set."
            ),
        };
    }
}
