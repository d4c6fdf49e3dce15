namespace PromptPilot.Core.Workflows.Versions;

/// <summary>The change of a step between two states of a workflow.</summary>
public enum StepChange
{
    Same,
    Changed,
    Added,
    Removed,
}

/// <summary>A step in a comparison, in its newer state, or in its last state if removed.</summary>
/// <param name="Subtitle">Names of its prompt and model profile.</param>
/// <param name="Mapping">Prompt variable → expression.</param>
public sealed record ComparedStep(
    string OutputKey,
    string Subtitle,
    IReadOnlyDictionary<string, string> Mapping,
    StepOptions Options,
    StepChange Change
);

/// <summary>The comparison of two states of a workflow.</summary>
/// <param name="Differences">The differences as text, in the order of the form.</param>
/// <param name="Inputs">Names of the newer state's inputs.</param>
/// <param name="Steps">In the order they run, then the removed ones.</param>
public sealed record WorkflowComparison(
    IReadOnlyList<WorkflowDifference> Differences,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<ComparedStep> Steps
)
{
    internal static WorkflowComparison Of(WorkflowSketch from, WorkflowSketch to)
    {
        var pairs = WorkflowDiff.Pair(from.Steps, to.Steps);
        var kept = pairs.Select(pair => pair.Before).OfType<SketchStep>().ToHashSet(ReferenceEqualityComparer.Instance);
        return new WorkflowComparison(
            WorkflowDiff.Between(from, to),
            [.. to.Inputs.Select(input => input.Name)],
            [
                .. pairs.Select(pair => Compared(pair.Now, Change(pair.Before, pair.Now))),
                .. from.Steps.Where(step => !kept.Contains(step)).Select(step => Compared(step, StepChange.Removed)),
            ]
        );
    }

    private static StepChange Change(SketchStep? before, SketchStep now)
    {
        if (before is null)
        {
            return StepChange.Added;
        }

        var words = new DifferenceWords();
        StepDiff.Add(words, before, now);
        return words.All.Count == 0 ? StepChange.Same : StepChange.Changed;
    }

    private static ComparedStep Compared(SketchStep step, StepChange change) =>
        new(step.OutputKey, $"{step.Prompt} · {step.Model}", step.Mapping, step.Options, change);
}
