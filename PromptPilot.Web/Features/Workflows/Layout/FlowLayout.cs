using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>A box of the drawing; pixels from the top left.</summary>
public sealed record FlowBox(int Number, FlowStep Step, double X, double Y);

/// <summary>A line of the drawing.</summary>
/// <param name="Key">Stays the same while the same is read.</param>
/// <param name="Path">An SVG path.</param>
/// <param name="Meaning">The data on the line, as text; null for the shared part of a long line.</param>
/// <param name="Label">The key that flows.</param>
public sealed record FlowLine(string Key, string Path, string? Meaning, string Label, double LabelX, double LabelY, string? To);

/// <summary>
/// Where boxes and lines of the data flow go: a level a row, steps of one level side by side, long lines in lanes of their own between the
/// boxes.
/// </summary>
/// <param name="BoxHeight">The height of every box.</param>
public sealed record FlowLayout(
    IReadOnlyList<FlowBox> Boxes,
    IReadOnlyList<FlowLine> Lines,
    double Width,
    double Height,
    double BoxHeight,
    double InputX,
    string InputLabel
)
{
    public const double BoxWidth = 152;
    public const double PlainBoxHeight = 48;
    public const double ExtraHeight = 17;
    public const double InputHeight = 28;
    private const double LaneWidth = 10;
    private const double GapX = 12;
    private const double GapY = 48;
    private const double Margin = 8;
    private const int LongestInputLabel = 40;

    private LayeredLayout? _placed;

    /// <summary>The length of the longest chain of dependent steps.</summary>
    public int Levels => Boxes.Select(box => box.Y).Distinct().Count();

    public double InputWidth => PillWidth(InputLabel);

    /// <param name="inputs">Names of the workflow's inputs.</param>
    /// <param name="steps">In the order they run.</param>
    /// <param name="withStates">Leaves room for the status of each step.</param>
    /// <param name="previous">The drawing before this one: what did not change stays where it was.</param>
    public static FlowLayout Of(
        IReadOnlyList<string> inputs,
        IReadOnlyList<FlowStep> steps,
        bool withStates = false,
        FlowLayout? previous = null
    )
    {
        var flow = FlowEdges.Of(inputs, steps);
        var levels = flow.Levels;
        var pill = PillWidth(Shortened(inputs)) / 2;
        var placed = LayeredLayout.Of(
            [
                new LayoutNode(FlowEdges.InputsKey, pill, pill),
                .. steps.Select(step => new LayoutNode(step.Key, BoxWidth / 2, BoxWidth / 2)),
            ],
            levels,
            flow.Edges,
            GapX,
            LaneWidth,
            previous?._placed
        );
        var boxHeight = PlainBoxHeight + (steps.Any(step => step.Marks.Count > 0) ? ExtraHeight : 0) + (withStates ? ExtraHeight : 0);
        double Top(int level) => level == 0 ? Margin : Margin + InputHeight + GapY + (level - 1) * (boxHeight + GapY);
        double Bottom(int level) => level == 0 ? Margin + InputHeight : Top(level) + boxHeight;
        double Middle(int node, int level) => placed.X(node, level) + Margin;

        var boxes = steps
            .Select((step, i) => new FlowBox(i + 1, step, Middle(i + 1, levels[i + 1]) - BoxWidth / 2, Top(levels[i + 1])))
            .ToList();
        var lines = new List<FlowLine>();
        var lanes = new HashSet<(int, int)>();
        foreach (var (from, to) in flow.Edges)
        {
            var (source, reader) = (from == FlowEdges.Inputs ? null : steps[from - 1], steps[to - 1]);
            var (key, label) = (source?.Key ?? FlowEdges.InputsKey, source?.OutputKey ?? "");
            for (var level = levels[from] + 1; level < levels[to]; level++)
            {
                if (lanes.Add((from, level)))
                {
                    var x = Middle(from, level);
                    var curve = Curve(Middle(from, level - 1), Bottom(level - 1), x, Top(level));
                    var lane = FormattableString.Invariant($"{curve} L{x:0.#},{Bottom(level):0.#}");
                    lines.Add(new FlowLine($"{key}|{level}", lane, null, label, 0, 0, null));
                }
            }

            var (fromX, fromY) = (Middle(from, levels[to] - 1), Bottom(levels[to] - 1));
            var (toX, toY) = (Middle(to, levels[to]), Top(levels[to]));
            lines.Add(
                new FlowLine(
                    $"{key}>{reader.Key}",
                    Curve(fromX, fromY, toX, toY - 2),
                    Meaning(reader, source is null ? inputs : [label]),
                    source is null ? InputsRead(reader, inputs) : label,
                    (fromX + toX) / 2 + 5,
                    (fromY + toY) / 2 + 3,
                    reader.Key
                )
            );
        }

        return new FlowLayout(
            boxes,
            lines,
            placed.Width + 2 * Margin,
            Bottom(levels.Max()) + Margin,
            boxHeight,
            Middle(FlowEdges.Inputs, 0),
            Shortened(inputs)
        )
        {
            _placed = placed,
        };
    }

    private static string InputsRead(FlowStep step, IReadOnlyList<string> inputs)
    {
        var reads = step.Readings.SelectMany(reading => reading.Keys).ToHashSet();
        return string.Join(", ", inputs.Where(reads.Contains));
    }

    /// <summary>Which of the keys a step reads, and by which expressions.</summary>
    private static string Meaning(FlowStep step, IReadOnlyList<string> keys)
    {
        var readings = step
            .Readings.Select(reading => (reading, keys: reading.Keys.Where(keys.Contains).ToList()))
            .Where(reading => reading.keys.Count > 0)
            .ToList();
        var how = readings.Select(r =>
            $"{r.reading.Name} ← {r.reading.Expression}{(r.reading.Sample is null ? "" : $" = {r.reading.Sample}")}"
        );
        return $"{step.OutputKey} reads {string.Join(", ", keys.Where(key => readings.Any(r => r.keys.Contains(key))))}: "
            + $"{string.Join("; ", how)}";
    }

    private static string Curve(double fromX, double fromY, double toX, double toY)
    {
        var bend = (toY - fromY) * 0.55;
        return FormattableString.Invariant(
            $"M{fromX:0.#},{fromY:0.#} C{fromX:0.#},{fromY + bend:0.#} {toX:0.#},{toY - bend:0.#} {toX:0.#},{toY:0.#}"
        );
    }

    private static double PillWidth(string label) => Math.Max(80, label.Length * 7 + 24);

    private static string Shortened(IReadOnlyList<string> inputs)
    {
        var label = inputs.Count == 0 ? "no inputs" : string.Join(", ", inputs);
        return Shorten.Text(label, LongestInputLabel);
    }
}
