using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>The data-flow picture of a draft.</summary>
internal static class DesignPicture
{
    public static FlowLayout Of(WorkflowDraft draft, ModelChoices models, IReadOnlyList<WorkflowProblem> problems) => FlowLayout.Of(
        [.. draft.Inputs.Select(input => input.Name)],
        [.. draft.Steps.Select((step, i) => new FlowStep(
            step.OutputKey,
            $"{step.Prompt.Name} · {models.Models.FirstOrDefault(m => m.Id == step.Model)?.Name ?? "no model"}",
            [.. step.Expressions()],
            problems.Any(p => FieldIds.StepOf(p.Field) == i))
        {
            Marks = OptionMarks.OfFlow(step.Options.When, step.Options.ForEach, step.Options.HasReview),
        })]);
}
