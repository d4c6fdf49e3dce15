using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The data flow of a draft, as of its newest check.</summary>
public sealed record DesignPicture(IReadOnlyList<string> Inputs, IReadOnlyList<FlowStep> Steps)
{
    public static readonly DesignPicture Empty = new([], []);

    /// <summary>How many steps follow each other at most.</summary>
    public int Levels { get; } = FlowEdges.Of(Inputs, Steps).Levels.Max();

    internal static DesignPicture Of(
        WorkflowDraft draft,
        ModelChoices models,
        IReadOnlyList<WorkflowProblem> problems,
        LastRunValues lastRun
    ) =>
        new(
            [.. draft.Inputs.Select(input => input.Name)],
            [
                .. draft.Steps.Select(
                    (step, i) =>
                        new FlowStep(
                            step.OutputKey,
                            $"{step.Prompt.Name} · {models.Models.FirstOrDefault(m => m.Id == step.Model)?.Name ?? "no model"}",
                            FlowStep.ReadingsOf(step.Mapping, step.Options.When, step.Options.ForEach)
                        )
                        {
                            Key = step.Key,
                            Problem = problems.Any(p => FieldIds.StepOf(p.Field) == i) ? "has a problem" : null,
                            Marks = OptionMarks.OfFlow(step.Options.When, step.Options.ForEach, step.Options.HasReview),
                        }.WithSamples(lastRun)
                ),
            ]
        );
}
