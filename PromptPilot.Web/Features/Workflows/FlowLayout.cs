using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>A box of the drawing; pixels from the top left.</summary>
public sealed record FlowBox(int Number, FlowStep Step, double X, double Y);

/// <summary>A line of the drawing.</summary>
/// <param name="Key">Stays the same while the same is read.</param>
/// <param name="Path">An SVG path.</param>
/// <param name="Meaning">What flows along it in words; null for the part of a long line that others share.</param>
/// <param name="Label">The key that flows.</param>
public sealed record FlowLine(string Key, string Path, string? Meaning, string Label, double LabelX, double LabelY, string? To);

/// <summary>
/// Where boxes and lines of the data flow go: a level a row, steps of one level side by side, long lines in lanes of their own between the
/// boxes.
/// </summary>
/// <param name="BoxHeight">Of all boxes alike.</param>
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
    private const int FromInputs = -1;

    /// <summary>How many steps wait for each other at most.</summary>
    public int Levels => Boxes.Select(box => box.Y).Distinct().Count();

    public double InputWidth => PillWidth(InputLabel);

    /// <param name="inputs">Names of the workflow's inputs.</param>
    /// <param name="steps">In the order they run.</param>
    /// <param name="withStates">Leaves room for how each step stands.</param>
    public static FlowLayout Of(IReadOnlyList<string> inputs, IReadOnlyList<FlowStep> steps, bool withStates = false)
    {
        var sources = Sources(inputs, steps);
        var levels = new int[steps.Count];
        for (var i = 0; i < steps.Count; i++)
        {
            levels[i] = 1 + sources[i].Where(source => source != FromInputs).Select(source => levels[source]).DefaultIfEmpty(0).Max();
        }

        var places = Place(sources, levels, PillWidth(Shortened(inputs)), out var width);
        var boxHeight = PlainBoxHeight + (steps.Any(step => step.Marks.Count > 0) ? ExtraHeight : 0) + (withStates ? ExtraHeight : 0);
        double Top(int level) => level == 0 ? Margin : Margin + InputHeight + GapY + (level - 1) * (boxHeight + GapY);
        double Bottom(int level) => level == 0 ? Margin + InputHeight : Top(level) + boxHeight;

        var boxes = steps.Select((step, i) => new FlowBox(i + 1, step, places[(i, levels[i])] - BoxWidth / 2, Top(levels[i]))).ToList();
        var lines = new List<FlowLine>();
        var lanes = new HashSet<(int, int)>();
        for (var i = 0; i < steps.Count; i++)
        {
            foreach (var source in sources[i])
            {
                var from = source == FromInputs ? 0 : levels[source];
                var label = source == FromInputs ? "" : steps[source].OutputKey;
                var sourceKey = source == FromInputs ? "inputs" : steps[source].Key;
                for (var level = from + 1; level < levels[i]; level++)
                {
                    if (lanes.Add((source, level)))
                    {
                        var start = Bottom(level - 1);
                        var x = places[(source, level)];
                        lines.Add(
                            new FlowLine(
                                $"{sourceKey}|{level}",
                                FormattableString.Invariant(
                                    $"{Curve(places[(source, level - 1)], start, x, Top(level))} L{x},{Bottom(level)}"
                                ),
                                null,
                                label,
                                0,
                                0,
                                null
                            )
                        );
                    }
                }

                var (fromX, fromY, toX, toY) = (
                    places[(source, levels[i] - 1)],
                    Bottom(levels[i] - 1),
                    places[(i, levels[i])],
                    Top(levels[i])
                );
                lines.Add(
                    new FlowLine(
                        $"{sourceKey}>{steps[i].Key}",
                        Curve(fromX, fromY, toX, toY - 2),
                        Meaning(steps[i], source == FromInputs ? inputs : [label]),
                        source == FromInputs ? InputsRead(steps[i], inputs) : label,
                        (fromX + toX) / 2 + 5,
                        (fromY + toY) / 2 + 3,
                        steps[i].Key
                    )
                );
            }
        }

        var deepest = levels.DefaultIfEmpty(0).Max();
        return new FlowLayout(boxes, lines, width, Bottom(deepest) + Margin, boxHeight, places[(FromInputs, 0)], Shortened(inputs));
    }

    /// <summary>For each step: the earlier steps it reads, before them <see cref="FromInputs"/> where it reads an input.</summary>
    private static List<List<int>> Sources(IReadOnlyList<string> inputs, IReadOnlyList<FlowStep> steps)
    {
        var writers = new Dictionary<string, int>();
        var sources = new List<List<int>>(steps.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            var reads = steps[i].Readings.SelectMany(ReadBy).ToHashSet();
            sources.Add([
                .. inputs.Any(reads.Contains) ? [FromInputs] : Array.Empty<int>(),
                .. reads.Where(writers.ContainsKey).Select(key => writers[key]).Order(),
            ]);
            if (steps[i].OutputKey != "")
            {
                writers[steps[i].OutputKey] = i;
            }
        }

        return sources;
    }

    /// <summary>
    /// The middle of each box, and of each lane in which a long line passes a row: rows are ordered so that what belongs together stands
    /// together.
    /// </summary>
    private static Dictionary<(int Source, int Level), double> Place(
        List<List<int>> sources,
        int[] levels,
        double pillWidth,
        out double width
    )
    {
        var rows = new List<List<int>>();
        for (var level = 0; level <= levels.DefaultIfEmpty(0).Max(); level++)
        {
            rows.Add(level == 0 ? [FromInputs] : []);
        }

        var furthest = new Dictionary<int, int>();
        for (var i = 0; i < levels.Length; i++)
        {
            rows[levels[i]].Add(i);
            foreach (var source in sources[i])
            {
                furthest[source] = Math.Max(furthest.GetValueOrDefault(source), levels[i]);
            }
        }

        foreach (var (source, last) in furthest)
        {
            for (var level = (source == FromInputs ? 0 : levels[source]) + 1; level < last; level++)
            {
                rows[level].Add(source);
            }
        }

        var widths = rows.Select((row, level) => row.Sum(item => Wide(item, level, levels, pillWidth) + GapX) - GapX).ToList();
        width = widths.Max() + 2 * Margin;
        var places = new Dictionary<(int, int), double>();
        for (var level = 0; level < rows.Count; level++)
        {
            var above = level - 1;
            var ordered = rows[level].OrderBy(item => Pull(item, above, level, sources, levels, places)).ThenBy(item => item);
            var x = (width - widths[level]) / 2;
            foreach (var item in ordered)
            {
                var wide = Wide(item, level, levels, pillWidth);
                places[(item, level)] = x + wide / 2;
                x += wide + GapX;
            }
        }

        return places;
    }

    private static double Wide(int item, int level, int[] levels, double pillWidth) =>
        item == FromInputs
            ? level == 0
                ? pillWidth
                : LaneWidth
            : levels[item] == level
                ? BoxWidth
                : LaneWidth;

    /// <summary>The mean place of what an item is joined with in the row above.</summary>
    private static double Pull(int item, int above, int level, List<List<int>> sources, int[] levels, Dictionary<(int, int), double> places)
    {
        if (places.TryGetValue((item, above), out var straight))
        {
            return straight;
        }

        return item == FromInputs || levels[item] != level
            ? 0
            : sources[item]
                .Where(source => places.ContainsKey((source, above)))
                .Select(source => places[(source, above)])
                .DefaultIfEmpty(0)
                .Average();
    }

    private static IEnumerable<string> ReadBy(FlowReading reading) =>
        reading.Name == "when" ? LiquidCondition.Parse(reading.Expression).Reads : LiquidExpression.Parse(reading.Expression).Reads;

    private static string InputsRead(FlowStep step, IReadOnlyList<string> inputs)
    {
        var reads = step.Readings.SelectMany(ReadBy).ToHashSet();
        return string.Join(", ", inputs.Where(reads.Contains));
    }

    /// <summary>Which of the keys a step reads, and by which expressions.</summary>
    private static string Meaning(FlowStep step, IReadOnlyList<string> keys)
    {
        var readings = step
            .Readings.Select(reading => (reading, keys: ReadBy(reading).Where(keys.Contains).ToList()))
            .Where(reading => reading.keys.Count > 0)
            .ToList();
        var how = readings.Select(r =>
            $"{r.reading.Name} ← {r.reading.Expression}{(r.reading.Sample is null ? "" : $" = {r.reading.Sample}")}"
        );
        return $"{step.OutputKey} reads {string.Join(", ", keys.Where(key => readings.Any(r => r.keys.Contains(key))))}: {string.Join("; ", how)}";
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
