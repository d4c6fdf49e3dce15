namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>The data flow between boxes. Box 0 is the inputs, box i the i-th step. A box can read only earlier ones.</summary>
/// <param name="Edges">From what is read to who reads it, in the order of the readers.</param>
/// <param name="Levels">Level of each box: 0 for the inputs, from 1 for steps.</param>
public sealed record FlowEdges(IReadOnlyList<(int From, int To)> Edges, IReadOnlyList<int> Levels)
{
    public const int Inputs = 0;

    /// <summary>Names the inputs where steps are named by their keys.</summary>
    public const string InputsKey = "inputs";

    /// <param name="inputs">Names of the workflow's inputs.</param>
    /// <param name="steps">In the order they run.</param>
    public static FlowEdges Of(IReadOnlyList<string> inputs, IReadOnlyList<FlowStep> steps)
    {
        var writers = new Dictionary<string, int>();
        foreach (var input in inputs.Where(name => name != ""))
        {
            writers[input] = Inputs;
        }

        var edges = new List<(int From, int To)>();
        for (var i = 0; i < steps.Count; i++)
        {
            var sources = steps[i].Readings.SelectMany(reading => reading.Keys).Where(writers.ContainsKey).Select(key => writers[key]);
            edges.AddRange(sources.Distinct().Order().Select(source => (source, i + 1)));
            if (steps[i].OutputKey != "")
            {
                writers[steps[i].OutputKey] = i + 1;
            }
        }

        // A step that reads nothing is also below the inputs.
        var below = Enumerable.Range(1, steps.Count).Select(step => (Inputs, step));
        return new FlowEdges(edges, LayeredLayout.LevelsOf(steps.Count + 1, edges.Concat(below)));
    }
}
