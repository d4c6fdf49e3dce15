using System.Text;

namespace PromptPilot.Core.Liquid.Filters;

internal static class ListFilters
{
    private static readonly Comparer<object?> ByValue = Comparer<object?>.Create(LiquidValue.Order);

    private static readonly Comparer<object?> ByText = Comparer<object?>.Create(
        (a, b) =>
            (a, b) switch
            {
                (null, null) => 0,
                (null, _) => 1,
                (_, null) => -1,
                _ => string.Compare(LiquidValue.ToText(a), LiquidValue.ToText(b), StringComparison.OrdinalIgnoreCase),
            }
    );

    public static IEnumerable<LiquidFilter> All =>
        [
            new("first", 0, 0, (value, _) => LiquidValue.Member(value, "first")),
            new("last", 0, 0, (value, _) => LiquidValue.Member(value, "last")),
            new("size", 0, 0, (value, _) => value is JsonMap map ? (long)map.Count : LiquidValue.Member(value, "size") ?? 0L),
            new("join", 0, 1, (value, args) => Join(value, args.Length > 0 ? LiquidValue.ToText(args[0]) : " ")),
            new("reverse", 0, 0, (value, _) => List(value).AsEnumerable().Reverse().ToList()),
            new("sort", 0, 1, (value, args) => List(value).OrderBy(item => Key(item, args), ByValue).ToList()),
            new("sort_natural", 0, 1, (value, args) => List(value).OrderBy(item => Key(item, args), ByText).ToList()),
            new("uniq", 0, 1, (value, args) => List(value).DistinctBy(item => Identity(Key(item, args))).ToList()),
            new("compact", 0, 1, (value, args) => List(value).Where(item => Key(item, args) is not null).ToList()),
            new("map", 1, 1, (value, args) => List(value).ConvertAll(item => Key(item, args))),
            new(
                "where",
                1,
                2,
                (value, args) =>
                    List(value)
                        .Where(item =>
                            args.Length == 1 ? LiquidValue.IsTrue(Key(item, args)) : LiquidValue.Equals(Key(item, args), args[1])
                        )
                        .ToList()
            ),
            new(
                "sum",
                0,
                1,
                (value, args) =>
                    List(value)
                        .Aggregate(
                            (object?)0L,
                            (total, item) =>
                                LiquidMath.Combine(total, Key(item, args), (a, b) => checked(a + b), (a, b) => a + b, (a, b) => a + b)
                        )
            ),
            new("concat", 1, 1, (value, args) => Bounded([.. List(value), .. List(args[0])])),
            new("slice", 1, 2, Slice),
        ];

    /// <summary>
    /// What a for loop runs over: an object gives its pairs, a text that is not empty itself; offset and limit cut before reversing, as in
    /// Liquid.
    /// </summary>
    public static object Rounds(object? value, object?[] args)
    {
        var most = (int)Math.Clamp(LiquidMath.ToWhole(args[0], int.MaxValue), 0, int.MaxValue);
        var from = (int)Math.Clamp(LiquidMath.ToWhole(args[1], 0), 0, int.MaxValue);
        if (value is LiquidRange range && Math.Min(range.Count - from, most) > LiquidLimits.Rounds)
        {
            throw new LiquidException("The loops of this template exceed 100,000 iterations.", 0);
        }

        var all = value switch
        {
            JsonMap map => map.Select(p => (object?)new List<object?> { p.Key, p.Value }),
            string { Length: > 0 } text => [text],
            _ => LiquidValue.ToList(value) ?? [],
        };
        var items = all.Skip(from).Take(most).ToList();
        if (args[2] is true)
        {
            items.Reverse();
        }

        return items;
    }

    /// <summary>A value as a list: nothing is an empty one, a single value a list of one.</summary>
    private static List<object?> List(object? value) =>
        value switch
        {
            null => [],
            List<object?> list => list,
            LiquidRange { Count: > LiquidLimits.Items } => throw new LiquidException("the list would have more than a million items.", 0),
            _ => LiquidValue.ToList(value)?.ToList() ?? [value],
        };

    private static List<object?> Bounded(List<object?> list) =>
        list.Count <= LiquidLimits.Items ? list : throw new LiquidException("the list would have more than a million items.", 0);

    private static object? Key(object? item, object?[] args) =>
        args.Length == 0 ? item : LiquidValue.Index(item, args[0] as string ?? LiquidValue.ToText(args[0]));

    private static string Identity(object? value) =>
        value switch
        {
            null => "",
            string text => "t" + text,
            _ when LiquidValue.IsNumber(value) => "n" + ExactNumber.Of(LiquidValue.ToText(value)),
            _ => "j" + LiquidValue.ToJson(value).GetRawText(),
        };

    private static string Join(object? value, string separator)
    {
        var text = new StringBuilder();
        var isFirst = true;
        foreach (var item in List(value))
        {
            text.Append(isFirst ? "" : separator).Append(LiquidValue.ToText(item));
            isFirst = false;
            if (text.Length > LiquidLimits.Output)
            {
                throw new LiquidException("the text would be too long.", 0);
            }
        }

        return text.ToString();
    }

    private static object? Slice(object? value, object?[] args)
    {
        var start = LiquidMath.ToWhole(args[0], 0);
        var length = Math.Max(0, args.Length > 1 ? LiquidMath.ToWhole(args[1], 1) : 1);
        if (LiquidValue.ToList(value) is not null)
        {
            var list = List(value);
            var (from, count) = Part(list.Count, start, length);
            return list.GetRange(from, count);
        }

        var text = LiquidValue.ToText(value);
        var (at, characters) = Part(text.Length, start, length);
        return text.Substring(at, characters);
    }

    private static (int From, int Count) Part(int size, long start, long length)
    {
        start = start < 0 ? start + size : start;
        return start < 0 || start >= size ? (0, 0) : ((int)start, (int)Math.Min(length, size - start));
    }
}
