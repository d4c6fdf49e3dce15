using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>A draggable item: a prompt in the palette by its id, or a step by its key.</summary>
public sealed record DesignItem(string Zone, string Key)
{
    public const string Palette = "palette";
    public const string Steps = "steps";
}

/// <summary>All that the card of a step shows. A card is drawn again only when this differs.</summary>
/// <param name="Version">The label or version that the step names, or “latest”.</param>
/// <param name="VersionTone"><c>label</c>, <c>exact</c> or <c>latest</c>.</param>
/// <param name="HasKey">False: it writes under no key yet.</param>
/// <param name="Took">Time and cost in the last run; empty where they are not known.</param>
/// <param name="Beside">Numbers of the steps that can run at the same time, in words.</param>
public sealed record StepCardFacts(
    string Key,
    int Number,
    string OutputKey,
    string Prompt,
    string Model,
    string Marks,
    string Beside,
    int Problems,
    bool IsSelected,
    string Version = "",
    string VersionTone = "",
    bool HasKey = true,
    string Took = ""
);

/// <summary>The steps of a draft as cards.</summary>
internal static class DesignCards
{
    private const int MostBeside = 4;

    /// <param name="graph">The graph of the newest check, one node per step, in order; shorter or longer during a check.</param>
    public static IReadOnlyList<StepCardFacts> Of(
        DesignSession session,
        ModelChoices models,
        IReadOnlyList<WorkflowProblem> problems,
        IReadOnlyList<StepNode> graph,
        LastRunValues lastRun
    )
    {
        var names = models.Models.ToDictionary(model => model.Id, model => model.Name);
        var selected = session.SelectedKeys.ToHashSet();
        var wrong = problems.Select(problem => FieldIds.StepOf(problem.Field)).OfType<int>().CountBy(index => index).ToDictionary();
        var lanes = graph.Select((node, i) => (node.Level, Number: i + 1)).ToLookup(at => at.Level, at => at.Number);
        return
        [
            .. session.Draft.Steps.Select(
                (step, i) =>
                    new StepCardFacts(
                        step.Key,
                        i + 1,
                        step.OutputKey == "" ? "no output key" : step.OutputKey,
                        step.Prompt.Name,
                        names.GetValueOrDefault(step.Model, "no model"),
                        string.Join(" · ", OptionMarks.OfFlow(step.Options.When, step.Options.ForEach, step.Options.HasReview)),
                        graph.Count == session.Draft.Steps.Count ? Beside(lanes[graph[i].Level], i + 1) : "",
                        wrong.GetValueOrDefault(i),
                        selected.Contains(step.Key),
                        step.Label ?? step.Version ?? "latest",
                        step.Label is not null ? "label"
                            : step.Version is not null ? "exact"
                            : "latest",
                        step.OutputKey != "",
                        Took(session.Draft.IdOf(step) is { } id ? lastRun.Figures.GetValueOrDefault(id) : null)
                    )
            ),
        ];
    }

    private static string Took(StepFigures? figures) =>
        figures is null ? ""
        : figures.Cost == 0 ? Format.Duration(figures.Milliseconds)
        : $"{Format.Duration(figures.Milliseconds)} · {Format.Money(figures.Cost)}";

    private static string Beside(IEnumerable<int> lane, int self)
    {
        var others = lane.Where(number => number != self).ToList();
        return others.Count switch
        {
            0 => "",
            > MostBeside => $"in parallel with {others.Count} others",
            _ => $"in parallel with {string.Join(", ", others)}",
        };
    }
}
