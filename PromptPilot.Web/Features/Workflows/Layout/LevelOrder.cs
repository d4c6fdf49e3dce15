using System.Runtime.CompilerServices;

namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>
/// The order of what is on each level, with few crossings: weighted medians by turns from above and below, then swaps of neighbors. After
/// E. R. Gansner, E. Koutsofios, S. C. North, K.-P. Vo, “A Technique for Drawing Directed Graphs”, IEEE TSE 19 (1993), section 3. Crossings
/// are counted as by W. Barth, M. Jünger, P. Mutzel, “Simple and Efficient Bilayer Cross Counting”, GD 2002.
/// </summary>
internal sealed class LevelOrder(IReadOnlyList<List<LevelItem>> levels)
{
    private const int MostSweeps = 12;
    private const int SweepsWithoutGain = 4;
    private const int MostSwapRounds = 4;

    /// <summary>Orders all levels, and sets the ranks.</summary>
    /// <param name="previous">Ranks of an earlier layout, by key; null when there is none.</param>
    /// <param name="accepted">The number of crossings in the earlier layout.</param>
    public void Arrange(IReadOnlyDictionary<string, int>? previous, long accepted)
    {
        if (previous is null || !levels.Any(level => level.Any(item => previous.ContainsKey(item.Key))))
        {
            Reorder();
            return;
        }

        // What is on the screen stays where it is: it is only swapped with its neighbors, unless that leaves far more crossings than a new
        // order has.
        TakePrevious(previous);
        SwapNeighbors();
        var (kept, crossings) = (Ranks(), Crossings());
        if (crossings > accepted + 2)
        {
            Reorder();
            if (crossings <= Crossings() * 1.5 + 2)
            {
                Restore(kept);
            }
        }
    }

    public long Crossings() => levels.Skip(1).Sum(CrossingsAbove);

    private void Reorder()
    {
        foreach (var level in levels)
        {
            level.Sort((a, b) => a.IsLane != b.IsLane ? a.IsLane.CompareTo(b.IsLane) : a.Node.CompareTo(b.Node));
            Number(level);
        }

        var (best, least) = (Ranks(), Crossings());
        for (var (sweep, idle) = (0, 0); sweep < MostSweeps && idle < SweepsWithoutGain && least > 0; sweep++)
        {
            SortByMedians(isDown: sweep % 2 == 0);
            SwapNeighbors();
            idle++;
            if (Crossings() is var crossings && crossings < least)
            {
                (best, least, idle) = (Ranks(), crossings, 0);
            }
        }

        Restore(best);
    }

    /// <summary>Known items keep their order; new ones go where what they read is.</summary>
    private void TakePrevious(IReadOnlyDictionary<string, int> previous)
    {
        foreach (var level in levels)
        {
            List<LevelItem> ordered = [.. level.Where(item => previous.ContainsKey(item.Key)).OrderBy(item => previous[item.Key])];
            foreach (var item in level.Where(item => !previous.ContainsKey(item.Key)))
            {
                var pull = Median(item.Above);
                var at = pull < 0 ? ordered.Count : ordered.FindIndex(other => Median(other.Above) > pull);
                ordered.Insert(at < 0 ? ordered.Count : at, item);
            }

            level.Clear();
            level.AddRange(ordered);
            Number(level);
        }
    }

    private void SortByMedians(bool isDown)
    {
        for (var i = 1; i < levels.Count; i++)
        {
            var level = levels[isDown ? i : levels.Count - 1 - i];
            var pulls = level.ConvertAll(item => (Item: item, Pull: Median(isDown ? item.Above : item.Below)));

            // What is joined with nothing on that side keeps its place, and the others are sorted around it.
            var sorted = new Queue<LevelItem>(pulls.Where(at => at.Pull >= 0).OrderBy(at => at.Pull).Select(at => at.Item));
            for (var place = 0; place < level.Count; place++)
            {
                level[place] = pulls[place].Pull >= 0 ? sorted.Dequeue() : level[place];
            }

            Number(level);
        }
    }

    private void SwapNeighbors()
    {
        var isBetter = true;
        for (var round = 0; isBetter && round < MostSwapRounds; round++)
        {
            isBetter = false;
            foreach (var level in levels)
            {
                for (var i = 0; i + 1 < level.Count; i++)
                {
                    var (left, right) = (level[i], level[i + 1]);
                    var now = Crossings(left.Above, right.Above) + Crossings(left.Below, right.Below);
                    if (now > 0 && Crossings(right.Above, left.Above) + Crossings(right.Below, left.Below) < now)
                    {
                        (level[i], level[i + 1]) = (right, left);
                        (left.Rank, right.Rank) = (i + 1, i);
                        isBetter = true;
                    }
                }
            }
        }
    }

    /// <summary>Crossings of the lines of two neighbors on one side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Crossings(List<LevelItem> left, List<LevelItem> right)
    {
        var count = 0;
        for (var i = 0; i < left.Count; i++)
        {
            var rank = left[i].Rank;
            for (var j = 0; j < right.Count; j++)
            {
                count += rank > right[j].Rank ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>Crossings between a level and the one above: inversions, counted in a Fenwick tree.</summary>
    private long CrossingsAbove(List<LevelItem> level)
    {
        if (level.Count == 0)
        {
            return 0;
        }

        var size = levels[level[0].Level - 1].Count;
        var tree = new int[size + 1];
        var (count, seen) = (0L, 0);
        foreach (var item in level)
        {
            foreach (var above in item.Above)
            {
                var before = 0;
                for (var i = above.Rank + 1; i > 0; i -= i & -i)
                {
                    before += tree[i];
                }

                count += seen - before;
            }

            foreach (var above in item.Above)
            {
                seen++;
                for (var i = above.Rank + 1; i <= size; i += i & -i)
                {
                    tree[i]++;
                }
            }
        }

        return count;
    }

    /// <summary>The weighted median of the ranks; −1 where there are none.</summary>
    private static double Median(List<LevelItem> joined)
    {
        var ranks = new int[joined.Count];
        for (var i = 0; i < ranks.Length; i++)
        {
            ranks[i] = joined[i].Rank;
        }

        Array.Sort(ranks);
        var middle = ranks.Length / 2;
        if (ranks.Length == 0)
        {
            return -1;
        }

        if (ranks.Length % 2 == 1)
        {
            return ranks[middle];
        }

        var (left, right) = ((double)ranks[middle - 1] - ranks[0], (double)ranks[^1] - ranks[middle]);
        return ranks.Length == 2 || left + right == 0
            ? (ranks[middle - 1] + ranks[middle]) / 2.0
            : (ranks[middle - 1] * right + ranks[middle] * left) / (left + right);
    }

    private static void Number(List<LevelItem> level)
    {
        for (var i = 0; i < level.Count; i++)
        {
            level[i].Rank = i;
        }
    }

    private List<LevelItem[]> Ranks() => [.. levels.Select(level => level.ToArray())];

    private void Restore(List<LevelItem[]> ranks)
    {
        foreach (var (level, order) in levels.Zip(ranks))
        {
            level.Clear();
            level.AddRange(order);
            Number(level);
        }
    }
}
