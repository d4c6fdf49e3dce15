using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The estimated time and cost of a run, from the last runs of its steps.</summary>
/// <param name="Milliseconds">Time of the longest path, since independent steps run in parallel.</param>
/// <param name="Cost">Cost in nano-USD.</param>
/// <param name="Unknown">The number of steps that have not run yet and are left out.</param>
public sealed record RunEstimate(long Milliseconds, long Cost, int Unknown)
{
    /// <summary>Null where no step has run yet.</summary>
    public static RunEstimate? Of(DesignPicture picture)
    {
        var known = picture.Steps.Count(step => step.Figures is not null);
        if (known == 0)
        {
            return null;
        }

        var flow = FlowEdges.Of(picture.Inputs, picture.Steps);
        var sources = flow.Edges.ToLookup(edge => edge.To, edge => edge.From);
        var ends = new long[picture.Steps.Count + 1];
        for (var i = 1; i < ends.Length; i++)
        {
            ends[i] = sources[i].Select(source => ends[source]).DefaultIfEmpty(0).Max() + (picture.Steps[i - 1].Figures?.Milliseconds ?? 0);
        }

        return new RunEstimate(ends.Max(), picture.Steps.Sum(step => step.Figures?.Cost ?? 0), picture.Steps.Count - known);
    }

    /// <summary>The source of an estimate: “from the last run”.</summary>
    public static string SourceOf(int runs) => runs == 1 ? "from the last run" : $"median of the last {runs} runs";

    public override string ToString() =>
        Cost == 0 ? $"≈ {Format.Duration(Milliseconds)} per run" : $"≈ {Format.Duration(Milliseconds)} · ≈ {Format.Money(Cost)} per run";
}
