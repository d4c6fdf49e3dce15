namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>
/// Places boxes on levels so that all lines lead down: the method of K. Sugiyama, S. Tagawa, M. Toda, “Methods for Visual Understanding of
/// Hierarchical System Structures”, IEEE SMC 11 (1981). Levels by the longest path, then <see cref="LevelOrder"/>, then
/// <see cref="LevelPlacement"/>. A line that passes a level has a lane of its own there; lines of one source share it. The same graph
/// always has the same layout; a changed one keeps the order of the one before as far as it can.
/// </summary>
public sealed class LayeredLayout
{
    private readonly Dictionary<(int Node, int Level), LevelItem> _items;
    private readonly Dictionary<string, int> _ranks;

    private LayeredLayout(IReadOnlyList<int> levels, List<LevelItem> items, long crossings)
    {
        Levels = levels;
        Crossings = crossings;
        _items = items.ToDictionary(item => (item.Node, item.Level));
        _ranks = items.ToDictionary(item => item.Key, item => item.Rank);
        var left = items.Select(item => item.X - item.Left).DefaultIfEmpty(0).Min();
        foreach (var item in items)
        {
            item.X = Math.Round(item.X - left, 1);
        }

        Width = items.Select(item => item.X + item.Right).DefaultIfEmpty(0).Max();
    }

    /// <summary>The level of each box, from 0.</summary>
    public IReadOnlyList<int> Levels { get; }

    /// <summary>Pixels from the leftmost edge, at 0, to the rightmost.</summary>
    public double Width { get; }

    /// <summary>The number of line crossings.</summary>
    public long Crossings { get; }

    /// <summary>The x position where the lines of a box, or of its lane on a lower level, meet, in pixels.</summary>
    public double X(int node, int level) => _items[(node, level)].X;

    public double X(int node) => X(node, Levels[node]);

    /// <summary>The place of a box on its level, from 0.</summary>
    public int Rank(int node) => _items[(node, Levels[node])].Rank;

    /// <summary>The level of each box: one below the lowest of what it reads.</summary>
    /// <param name="edges">From a lower index to a higher one.</param>
    public static int[] LevelsOf(int count, IEnumerable<(int From, int To)> edges)
    {
        var levels = new int[count];
        foreach (var (from, to) in edges.OrderBy(edge => edge.To))
        {
            levels[to] = Math.Max(levels[to], levels[from] + 1);
        }

        return levels;
    }

    /// <param name="levels">Level of each box, so that all lines lead to a higher level.</param>
    /// <param name="edges">The lines to draw, by the indexes of the boxes.</param>
    /// <param name="gap">Pixels between neighbors on a level.</param>
    /// <param name="laneWidth">Pixels that a line takes where it passes a level.</param>
    /// <param name="previous">Its order is kept where nothing speaks against it.</param>
    public static LayeredLayout Of(
        IReadOnlyList<LayoutNode> nodes,
        IReadOnlyList<int> levels,
        IEnumerable<(int From, int To)> edges,
        double gap,
        double laneWidth,
        LayeredLayout? previous = null
    )
    {
        var items = nodes
            .Select((node, i) => new LevelItem($"{node.Key}|{levels[i]}", i, levels[i], isLane: false, node.Left, node.Right))
            .ToDictionary(item => (item.Node, item.Level));
        foreach (var (from, to) in edges.Distinct())
        {
            var above = items[(from, levels[from])];
            for (var level = levels[from] + 1; level < levels[to]; level++)
            {
                if (!items.TryGetValue((from, level), out var lane))
                {
                    lane = new LevelItem($"{nodes[from].Key}|{level}", from, level, isLane: true, laneWidth / 2, laneWidth / 2);
                    items[(from, level)] = lane;
                    Join(above, lane);
                }

                above = lane;
            }

            Join(above, items[(to, levels[to])]);
        }

        List<List<LevelItem>> rows = [.. Enumerable.Range(0, levels.DefaultIfEmpty(-1).Max() + 1).Select(_ => new List<LevelItem>())];
        foreach (var item in items.Values)
        {
            rows[item.Level].Add(item);
        }

        var order = new LevelOrder(rows);
        order.Arrange(previous?._ranks, previous?.Crossings ?? 0);
        LevelPlacement.Place(rows, gap);
        return new LayeredLayout([.. levels], [.. items.Values], order.Crossings());
    }

    private static void Join(LevelItem above, LevelItem below)
    {
        above.Below.Add(below);
        below.Above.Add(above);
    }
}
