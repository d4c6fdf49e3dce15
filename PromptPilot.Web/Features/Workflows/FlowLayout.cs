using PromptPilot.Core.Shared.Liquid;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>A step as the picture shows it.</summary>
/// <param name="Expressions">All that it reads by: mapping, condition, list.</param>
public sealed record FlowStep(string OutputKey, string Subtitle, IReadOnlyCollection<string> Expressions, bool HasProblem = false)
{
    /// <summary>What changes how data flows here, a word each: when, each, review.</summary>
    public IReadOnlyList<string> Marks { get; init; } = [];
}

/// <summary>A box of the picture; pixels from the top left.</summary>
public sealed record FlowBox(int Number, FlowStep Step, double X, double Y);

/// <summary>A line of the picture: an SVG path, and what flows along it in words.</summary>
public sealed record FlowLine(string Path, string Meaning);

/// <summary>Where boxes and lines of the data-flow picture go: a level a row, steps of one level side by side.</summary>
/// <param name="BoxHeight">Of all boxes alike.</param>
public sealed record FlowLayout(IReadOnlyList<FlowBox> Boxes, IReadOnlyList<FlowLine> Lines, double Width, double Height, double BoxHeight, string InputLabel)
{
    public const double BoxWidth = 136;
    public const double PlainBoxHeight = 48;
    public const double MarkedBoxHeight = 64;
    public const double InputHeight = 28;
    private const double GapX = 10;
    private const double GapY = 44;
    private const double Margin = 8;
    private const int LongestInputLabel = 40;

    public double Middle => Width / 2;

    /// <summary>The steps in the order they run.</summary>
    public int Levels => Boxes.Select(box => box.Y).Distinct().Count();

    /// <param name="inputs">Names of the workflow's inputs.</param>
    /// <param name="steps">In the order they run.</param>
    public static FlowLayout Of(IReadOnlyList<string> inputs, IReadOnlyList<FlowStep> steps)
    {
        var reads = steps.Select(step => step.Expressions.SelectMany(text => LiquidExpression.Parse(text).Reads).ToHashSet()).ToList();
        var levels = new List<int>();
        for (var i = 0; i < steps.Count; i++)
        {
            levels.Add(1 + Enumerable.Range(0, i).Where(earlier => reads[i].Contains(steps[earlier].OutputKey)).Select(earlier => levels[earlier]).DefaultIfEmpty(0).Max());
        }

        var boxHeight = steps.Any(step => step.Marks.Count > 0) ? MarkedBoxHeight : PlainBoxHeight;
        var widest = levels.Count == 0 ? 1 : levels.GroupBy(level => level).Max(group => group.Count());
        var width = 2 * Margin + widest * (BoxWidth + GapX) - GapX;
        var boxes = new List<FlowBox>();
        for (var i = 0; i < steps.Count; i++)
        {
            var row = Enumerable.Range(0, steps.Count).Where(other => levels[other] == levels[i]).ToList();
            var left = (width - (row.Count * (BoxWidth + GapX) - GapX)) / 2;
            boxes.Add(new FlowBox(i + 1, steps[i], left + row.IndexOf(i) * (BoxWidth + GapX), Margin + InputHeight + GapY + (levels[i] - 1) * (boxHeight + GapY)));
        }

        var lines = new List<FlowLine>();
        for (var i = 0; i < steps.Count; i++)
        {
            if (inputs.Where(reads[i].Contains).ToList() is { Count: > 0 } read)
            {
                lines.Add(Line(width / 2, Margin + InputHeight, boxes[i], $"{steps[i].OutputKey} reads {string.Join(", ", read)}"));
            }

            lines.AddRange(Enumerable.Range(0, i).Where(earlier => reads[i].Contains(steps[earlier].OutputKey))
                .Select(earlier => Line(boxes[earlier].X + BoxWidth / 2, boxes[earlier].Y + boxHeight, boxes[i], $"{steps[i].OutputKey} reads {steps[earlier].OutputKey}")));
        }

        var deepest = levels.DefaultIfEmpty(0).Max();
        return new FlowLayout(boxes, lines, width, 2 * Margin + InputHeight + deepest * (boxHeight + GapY), boxHeight, Shortened(inputs));
    }

    public static FlowLayout Of(WorkflowView view) => Of(
        [.. view.Inputs.Select(input => input.Name)],
        [.. view.Steps.Select(step => new FlowStep(step.OutputKey, $"{step.PromptName} · {step.ModelName}", [.. step.InputMapping.Values.Append(step.Options.When).Append(step.Options.ForEach).OfType<string>()])
        {
            Marks = OptionMarks.OfFlow(step.Options),
        })]);

    private static FlowLine Line(double fromX, double fromY, FlowBox to, string meaning)
    {
        var toX = to.X + BoxWidth / 2;
        var bend = GapY * 0.6;
        return new FlowLine(FormattableString.Invariant($"M{fromX},{fromY} C{fromX},{fromY + bend} {toX},{to.Y - bend} {toX},{to.Y - 2}"), meaning);
    }

    private static string Shortened(IReadOnlyList<string> inputs)
    {
        var label = inputs.Count == 0 ? "no inputs" : string.Join(", ", inputs);
        return label.Length <= LongestInputLabel ? label : label[..(LongestInputLabel - 1)] + "…";
    }
}
