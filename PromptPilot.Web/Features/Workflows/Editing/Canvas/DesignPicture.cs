using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The data flow of a draft, as of its newest check.</summary>
public sealed record DesignPicture(IReadOnlyList<string> Inputs, IReadOnlyList<FlowStep> Steps)
{
    public static readonly DesignPicture Empty = new([], []);

    /// <summary>
    /// The same, where a step still reads what it read before by what cannot be read now: while someone types an expression its step must
    /// not jump about.
    /// </summary>
    /// <param name="stepKey">Key of the step being edited.</param>
    internal DesignPicture Holding(DesignPicture before, string? stepKey, IReadOnlyList<WorkflowProblem> problems)
    {
        var index = Steps.ToList().FindIndex(step => step.Key == stepKey);
        if (index < 0 || before.Steps.FirstOrDefault(step => step.Key == stepKey) is not { } earlier)
        {
            return this;
        }

        bool IsUnread(string name) =>
            problems.Any(problem =>
                problem.Field
                == $"steps[{index}]."
                    + name switch
                    {
                        "when" => "when",
                        "for each" => "forEach",
                        _ => $"inputMapping.{name}",
                    }
            );
        var held = earlier.Readings.Where(reading => IsUnread(reading.Name)).ToList();
        return held.Count == 0
            ? this
            : this with
            {
                Steps =
                [
                    .. Steps.Select(
                        (step, i) => i != index ? step : step with { Readings = [.. step.Readings.Where(r => !IsUnread(r.Name)), .. held] }
                    ),
                ],
            };
    }

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
                            Figures = draft.IdOf(step) is { } id ? lastRun.Figures.GetValueOrDefault(id) : null,
                            Problem = problems.Any(p => FieldIds.StepOf(p.Field) == i) ? "has a problem" : null,
                            Marks = OptionMarks.OfFlow(step.Options.When, step.Options.ForEach, step.Options.HasReview),
                        }.WithSamples(lastRun)
                ),
            ]
        );
}
