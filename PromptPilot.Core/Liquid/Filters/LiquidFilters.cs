using System.Collections.Frozen;
using Scriban.Runtime;

namespace PromptPilot.Core.Liquid.Filters;

/// <summary>The closed table of filters. A template can call no others.</summary>
public static class LiquidFilters
{
    private static readonly FrozenDictionary<string, LiquidFilter> Table = TextFilters
        .All.Concat(NumberFilters.All)
        .Concat(ListFilters.All)
        .Concat(DateFilter.All)
        .ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The items of a for loop: input, limit, offset, reversed. Not a filter that a template can name.</summary>
    internal static LiquidFilter Rounds { get; } = new("for rounds", 3, 3, ListFilters.Rounds);

    /// <summary>The only built-in names of a rendering.</summary>
    internal static ScriptObject Builtins { get; } = MakeBuiltins();

    public static bool IsFilter(string name) => Table.ContainsKey(name);

    internal static LiquidFilter? Find(string name) => Table.GetValueOrDefault(name);

    private static ScriptObject MakeBuiltins()
    {
        var builtins = new ScriptObject
        {
            ["nil"] = null,
            ["null"] = null,
            ["empty"] = Emptiness.Empty,
            ["blank"] = Emptiness.Blank,
            [Rounds.Key] = Rounds,
        };
        foreach (var filter in Table.Values)
        {
            builtins[filter.Key] = filter;
        }

        builtins.IsReadOnly = true;
        return builtins;
    }
}
