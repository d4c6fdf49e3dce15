namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>
/// The horizontal places on each level: the order stays, nothing overlaps, and lines are as straight as that allows. Each level in turn is
/// moved to the weighted mean of what it is joined with, solved exactly by pooling adjacent violators (M. J. Best, N. Chakravarti, “Active
/// set algorithms for isotonic regression”, Mathematical Programming 47, 1990). Long lines weigh most, as in E. R. Gansner et al. 1993,
/// section 4.
/// </summary>
internal static class LevelPlacement
{
    private const int Sweeps = 12;
    private const double LaneWeight = 8;
    private const double OnlyWeight = 4;
    private const double StayWeight = 0.01;

    /// <param name="gap">Pixels between neighbors.</param>
    public static void Place(IReadOnlyList<List<LevelItem>> levels, double gap)
    {
        foreach (var level in levels)
        {
            PackInTheMiddle(level, gap);
        }

        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            // First each side alone, so that distant ends converge quickly, then both, until nothing moves.
            var (useAbove, useBelow) = (sweep >= 6 || sweep % 2 == 0, sweep >= 6 || sweep % 2 == 1);
            for (var i = 0; i < levels.Count; i++)
            {
                Straighten(levels[sweep % 2 == 0 ? i : levels.Count - 1 - i], gap, useAbove, useBelow);
            }
        }
    }

    private static void PackInTheMiddle(List<LevelItem> level, double gap)
    {
        var x = -(level.Sum(item => item.Left + item.Right + gap) - gap) / 2;
        foreach (var item in level)
        {
            item.X = x + item.Left;
            x += item.Left + item.Right + gap;
        }
    }

    private static void Straighten(List<LevelItem> level, double gap, bool useAbove, bool useBelow)
    {
        // A block holds neighbors that touch: they move as one.
        var blocks = new Stack<(double Pull, double Weight, int Count)>(level.Count);
        var offsets = new double[level.Count];
        for (var i = 0; i < level.Count; i++)
        {
            offsets[i] = i == 0 ? 0 : offsets[i - 1] + level[i - 1].Right + gap + level[i].Left;
            var (pull, weight) = (level[i].X * StayWeight, StayWeight);
            Add(level[i], useAbove ? level[i].Above : [], item => item.Below.Count, ref pull, ref weight);
            Add(level[i], useBelow ? level[i].Below : [], item => item.Above.Count, ref pull, ref weight);
            var block = (Pull: pull - offsets[i] * weight, Weight: weight, Count: 1);
            while (blocks.TryPeek(out var before) && before.Pull / before.Weight >= block.Pull / block.Weight)
            {
                blocks.Pop();
                block = (before.Pull + block.Pull, before.Weight + block.Weight, before.Count + block.Count);
            }

            blocks.Push(block);
        }

        var at = level.Count;
        while (blocks.TryPop(out var block))
        {
            for (var i = 0; i < block.Count; i++)
            {
                at--;
                level[at].X = block.Pull / block.Weight + offsets[at];
            }
        }
    }

    private static void Add(LevelItem item, List<LevelItem> joined, Func<LevelItem, int> back, ref double pull, ref double weight)
    {
        foreach (var other in joined)
        {
            var w =
                item.IsLane && other.IsLane ? LaneWeight
                : joined.Count == 1 && back(other) == 1 ? OnlyWeight
                : 1;
            pull += w * other.X;
            weight += w;
        }
    }
}
