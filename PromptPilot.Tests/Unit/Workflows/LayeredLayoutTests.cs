using System.Diagnostics;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Tests.Unit.Workflows;

public class LayeredLayoutTests
{
    private const double Half = 100;
    private const double Gap = 16;

    [Fact]
    public void Of_RandomGraphs_OverlapsNothing_AndLeadsAllLinesDown()
    {
        foreach (var graph in Graphs(40))
        {
            var layout = graph.Place();

            foreach (var level in Enumerable.Range(0, graph.Count).GroupBy(node => layout.Levels[node]))
            {
                var row = level.OrderBy(node => layout.X(node)).ToList();
                row.Zip(row.Skip(1), (left, right) => layout.X(right) - layout.X(left))
                    .Append(2 * Half + Gap)
                    .Min()
                    .Should()
                    .BeGreaterThanOrEqualTo(2 * Half + Gap - 0.2, graph.ToString());
                row.Should().BeEquivalentTo(row.OrderBy(layout.Rank), order => order.WithStrictOrdering(), graph.ToString());
                row.Should().OnlyContain(node => layout.X(node) >= Half && layout.X(node) <= layout.Width - Half);
            }

            graph.Edges.Where(edge => layout.Levels[edge.From] >= layout.Levels[edge.To]).Should().BeEmpty();
        }
    }

    [Fact]
    public void Of_RandomGraphs_CrossesLessThanTheOrderOfTheSteps()
    {
        var (crossings, baseline) = (0L, 0L);
        foreach (var graph in Graphs(40))
        {
            var layout = graph.Place();
            var unordered = graph.CrossingsInStepOrder(layout.Levels);

            layout.Crossings.Should().Be(graph.CrossingsOf(layout), "the count is that of all pairs of lines: " + graph);
            layout.Crossings.Should().BeLessThanOrEqualTo(unordered, graph.ToString());
            (crossings, baseline) = (crossings + layout.Crossings, baseline + unordered);
        }

        Figures.Tell($"layout of 40 random graphs: {crossings} crossings, {baseline} in the order of the steps");
        crossings.Should().BeLessThan(baseline / 3);
    }

    [Fact]
    public void Of_TheSameGraph_IsTheSameLayout()
    {
        foreach (var graph in Graphs(10))
        {
            var (first, second) = (graph.Place(), graph.Place());

            Enumerable.Range(0, graph.Count).Should().OnlyContain(node => first.X(node).Equals(second.X(node)));
            var again = graph.Place(first);
            Enumerable
                .Range(0, graph.Count)
                .Should()
                .OnlyContain(node => again.Rank(node) == first.Rank(node), "an edit elsewhere moves nothing: " + graph);
        }
    }

    [Fact]
    public void Of_AGraphWithOneMoreBox_KeepsTheOrderOfTheOthers()
    {
        foreach (var graph in Graphs(20).Where(graph => graph.CrossingsInStepOrder(graph.Levels) > 0))
        {
            var before = graph.Place();
            var after = graph.WithLeaf(0).Place(before);

            foreach (var level in Enumerable.Range(0, graph.Count).GroupBy(node => before.Levels[node]))
            {
                level
                    .OrderBy(node => after.Rank(node))
                    .Should()
                    .Equal(level.OrderBy(node => before.Rank(node)), "a leaf changes no other box's place in the flow: " + graph);
            }
        }
    }

    [Fact]
    public void Of_AChainBesideAFan_IsStraight()
    {
        // 0 → 1..3 → 4 → 5 → 6: what has one source and one reader hangs straight below it.
        var graph = new Graph(7, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4), (4, 5), (5, 6)]);
        var layout = graph.Place();

        new[] { 2, 4, 5, 6 }.Should().OnlyContain(node => Math.Abs(layout.X(node) - layout.X(0)) < 1);
    }

    [Fact]
    public void Of_AHundredBoxes_TakesMilliseconds()
    {
        var graphs = new[] { Graph.Random(new Random(1), 100, 2), Graph.Random(new Random(2), 100, 4), Graph.Grid(10, 10) };
        foreach (var graph in graphs)
        {
            graph.Place();
        }

        var took = graphs.Select(graph => Enumerable.Range(0, 5).Min(_ => Timed(graph))).ToList();

        Figures.Tell($"layout of 100 boxes: {string.Join(", ", took.Select(ms => $"{ms:0.0} ms"))}");
        took.Should().OnlyContain(ms => ms < 30, "it is laid out again with each change");
    }

    private static double Timed(Graph graph)
    {
        var watch = Stopwatch.StartNew();
        graph.Place();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static IEnumerable<Graph> Graphs(int count) =>
        Enumerable.Range(0, count).Select(seed => Graph.Random(new Random(seed), 2 + seed, 1 + seed % 3));

    private sealed record Graph(int Count, IReadOnlyList<(int From, int To)> Edges)
    {
        public int[] Levels => LayeredLayout.LevelsOf(Count, Edges);

        public static Graph Random(Random random, int count, int reads) =>
            new(
                count,
                [
                    .. Enumerable
                        .Range(1, count - 1)
                        .SelectMany(to =>
                            Enumerable.Range(0, random.Next(reads + 1)).Select(_ => (random.Next(Math.Max(0, to - 12), to), to))
                        )
                        .Distinct(),
                ]
            );

        public static Graph Grid(int wide, int deep) =>
            new(
                wide * deep,
                [
                    .. Enumerable
                        .Range(wide, wide * (deep - 1))
                        .SelectMany(to => new[] { (to - wide, to), (to - wide + 1 - to % wide % 2 * 2, to) })
                        .Where(edge => edge.Item1 >= 0)
                        .Distinct(),
                ]
            );

        public Graph WithLeaf(int parent) => new(Count + 1, [.. Edges, (parent, Count)]);

        public LayeredLayout Place(LayeredLayout? previous = null) =>
            LayeredLayout.Of(
                [.. Enumerable.Range(0, Count).Select(i => new LayoutNode($"n{i}", Half, Half))],
                Levels,
                Edges,
                Gap,
                laneWidth: 10,
                previous
            );

        /// <summary>Counted pair by pair from where boxes and lanes are.</summary>
        public long CrossingsOf(LayeredLayout layout) => PairsThatCross((node, level) => layout.X(node, level), layout.Levels);

        /// <summary>Boxes in the order of the steps, lanes right of them.</summary>
        public long CrossingsInStepOrder(IReadOnlyList<int> levels) =>
            PairsThatCross((node, level) => levels[node] == level ? node : 10_000 + node, levels);

        public override string ToString() => $"{Count}: {string.Join(' ', Edges.Select(edge => $"{edge.From}>{edge.To}"))}";

        private long PairsThatCross(Func<int, int, double> x, IReadOnlyList<int> levels)
        {
            var pieces = new HashSet<(int Level, int Above, int Below)>();
            foreach (var (from, to) in Edges)
            {
                for (var level = levels[from] + 1; level <= levels[to]; level++)
                {
                    pieces.Add((level, from, level == levels[to] ? to : from));
                }
            }

            return pieces
                .GroupBy(piece => piece.Level)
                .Sum(level =>
                {
                    var lines = level.Select(piece => (A: x(piece.Above, piece.Level - 1), B: x(piece.Below, piece.Level))).ToList();
                    return lines
                        .SelectMany((one, i) => lines.Skip(i + 1).Select(two => (one, two)))
                        .LongCount(pair => (pair.one.A - pair.two.A) * (pair.one.B - pair.two.B) < 0);
                });
        }
    }
}
