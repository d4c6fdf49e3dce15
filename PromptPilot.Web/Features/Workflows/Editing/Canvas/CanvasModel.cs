using PromptPilot.Core.Shared.Texts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>A card on the canvas; pixels from the top left of the drawing.</summary>
/// <param name="Tags">The keys it reads from above the previous level, shown on the card without a line.</param>
public sealed record CanvasNode(string Key, double X, double Y, IReadOnlyList<CanvasTag> Tags)
{
    public bool Equals(CanvasNode? other) =>
        other is not null && (Key, X, Y) == (other.Key, other.X, other.Y) && Tags.SequenceEqual(other.Tags);

    public override int GetHashCode() => HashCode.Combine(Key, X, Y, Tags.Count);
}

/// <summary>A reading that skips a level.</summary>
/// <param name="From">Key of the step that is read, or of the inputs.</param>
public sealed record CanvasTag(string From, string Label);

/// <summary>A line from a card, or from the inputs, to a card on the next level.</summary>
/// <param name="Label">The keys that flow.</param>
public sealed record CanvasLine(
    string From,
    string To,
    string Label,
    string Path,
    double LabelX,
    double LabelY,
    double MiddleX,
    double MiddleY
)
{
    public string Key => $"{From}>{To}";
}

/// <summary>The positions on the canvas, which follow from the data flow.</summary>
public sealed record CanvasModel(
    IReadOnlyList<CanvasNode> Nodes,
    IReadOnlyList<CanvasLine> Lines,
    double Width,
    double Height,
    double InputsX,
    double InputsWidth,
    double CardHeight,
    int Levels
)
{
    public const double CardWidth = 200;
    public const double PlainHeight = 84;
    public const double LiveHeight = 128;
    public const double InputsHeight = 34;
    private const double GapX = 28;
    private const double GapY = 76;
    private const double TagLetter = 6.7;
    private const double LargestTag = 120;
    private const double Spread = 42;
    private const int LongestLabel = 20;

    private LayeredLayout? _placed;
    private string _shape = "";

    public static readonly CanvasModel Empty = Of(DesignPicture.Empty, isLive: false, null);

    /// <param name="isLive">Leaves room for what steps wrote in a try.</param>
    /// <param name="previous">The previous model. Unchanged parts keep their position, and it is returned as it is if nothing
    /// changed.</param>
    public static CanvasModel Of(DesignPicture picture, bool isLive, CanvasModel? previous)
    {
        var steps = picture.Steps;
        var shape = ShapeOf(picture, isLive);
        if (previous?._shape == shape)
        {
            return previous;
        }

        var flow = FlowEdges.Of(picture.Inputs, steps);
        var levels = flow.Levels;
        List<(int From, int To)> near = [.. flow.Edges.Where(edge => levels[edge.To] == levels[edge.From] + 1)];
        var far = flow.Edges.Except(near).ToLookup(edge => edge.To, edge => edge.From);
        var tags = steps.Select((_, i) => TagsOf(picture, i, far[i + 1])).ToList();
        var pill = PillWidth(picture.Inputs);
        var placed = LayeredLayout.Of(
            [
                new LayoutNode(FlowEdges.InputsKey, pill / 2, pill / 2),
                .. steps.Select((step, i) => new LayoutNode(step.Key, CardWidth / 2, CardWidth / 2 + TagWidth(tags[i]))),
            ],
            levels,
            near,
            GapX,
            laneWidth: 0,
            previous?._placed
        );
        var height = isLive ? LiveHeight : PlainHeight;
        double Top(int level) => level == 0 ? 0 : InputsHeight + GapY + (level - 1) * (height + GapY);
        double Bottom(int level) => level == 0 ? InputsHeight : Top(level) + height;

        var arrivals = near.ToLookup(edge => edge.To, edge => edge.From);
        var departures = near.CountBy(edge => edge.From).ToDictionary();
        var lines = new List<CanvasLine>();
        foreach (var (from, to) in near)
        {
            var sources = arrivals[to].OrderBy(source => placed.X(source)).ToList();
            var step = sources.Count == 1 ? 0 : Math.Min(Spread, (CardWidth - 40) / (sources.Count - 1));
            var (x1, y1) = (placed.X(from), Bottom(levels[from]));
            var (x2, y2) = (placed.X(to) + step * (sources.IndexOf(from) - (sources.Count - 1) / 2.0), Top(levels[to]));

            // A label is where its line is alone: near the reader of one that many read, else near what is read.
            var at =
                departures[from] > 1 && sources.Count == 1 ? 0.72
                : sources.Count > 1 && departures[from] == 1 ? 0.3
                : 0.5;
            var (label, middle) = (Along(x1, y1, x2, y2, at), Along(x1, y1, x2, y2, at == 0.5 ? 0.8 : 1 - at + 0.06));
            lines.Add(
                new CanvasLine(
                    from == FlowEdges.Inputs ? FlowEdges.InputsKey : steps[from - 1].Key,
                    steps[to - 1].Key,
                    Shorten.Text(Label(picture, from, steps[to - 1]), LongestLabel),
                    Curve(x1, y1, x2, y2 - 3),
                    label.X,
                    label.Y,
                    middle.X,
                    middle.Y
                )
            );
        }

        var deepest = levels.Max();
        return new CanvasModel(
            [.. steps.Select((s, i) => new CanvasNode(s.Key, Math.Round(placed.X(i + 1) - CardWidth / 2), Top(levels[i + 1]), tags[i]))],
            lines,
            placed.Width,
            Bottom(deepest),
            placed.X(FlowEdges.Inputs) - pill / 2,
            pill,
            height,
            deepest
        )
        {
            _placed = placed,
            _shape = shape,
        };
    }

    /// <summary>All that the places depend on: the same text, the same drawing.</summary>
    private static string ShapeOf(DesignPicture picture, bool isLive) =>
        string.Join('\n', picture.Inputs)
        + (isLive ? "\nlive\n" : "\n")
        + string.Join(
            '\n',
            picture.Steps.Select(step => $"{step.Key} {step.OutputKey} {string.Join(' ', step.Readings.SelectMany(r => r.Keys))}")
        );

    private static IReadOnlyList<CanvasTag> TagsOf(DesignPicture picture, int index, IEnumerable<int> sources) =>
        [
            .. sources.Select(source => new CanvasTag(
                source == FlowEdges.Inputs ? FlowEdges.InputsKey : picture.Steps[source - 1].Key,
                Label(picture, source, picture.Steps[index])
            )),
        ];

    /// <summary>The keys that flow from a box to a step.</summary>
    private static string Label(DesignPicture picture, int from, FlowStep to)
    {
        if (from != FlowEdges.Inputs)
        {
            return picture.Steps[from - 1].OutputKey;
        }

        var reads = to.Readings.SelectMany(reading => reading.Keys).ToHashSet();
        return string.Join(", ", picture.Inputs.Where(reads.Contains));
    }

    private static double TagWidth(IReadOnlyList<CanvasTag> tags) =>
        tags.Count == 0 ? 0 : 14 + tags.Max(tag => Math.Min(LargestTag, 30 + tag.Label.Length * TagLetter));

    private static double PillWidth(IReadOnlyList<string> inputs) =>
        Math.Clamp(84 + inputs.Sum(name => Math.Min(name.Length, 18) * 7 + 20), 120, 560);

    private static (double X, double Y) Along(double x1, double y1, double x2, double y2, double t)
    {
        // The curve leaves and arrives straight down: see Curve.
        var bend = (y2 - y1) * 0.55;
        double At(double a, double b, double c, double d) =>
            Math.Round((1 - t) * (1 - t) * (1 - t) * a + 3 * (1 - t) * (1 - t) * t * b + 3 * (1 - t) * t * t * c + t * t * t * d, 1);
        return (At(x1, x1, x2, x2), At(y1, y1 + bend, y2 - bend, y2));
    }

    private static string Curve(double x1, double y1, double x2, double y2)
    {
        var bend = (y2 - y1) * 0.55;
        return FormattableString.Invariant($"M{x1:0.#},{y1:0.#} C{x1:0.#},{y1 + bend:0.#} {x2:0.#},{y2 - bend:0.#} {x2:0.#},{y2:0.#}");
    }
}
