using System.Collections.Frozen;

namespace PromptPilot.Core.Shared.Liquid;

/// <summary>The closed table of filters. What is not in it cannot be called from a template.</summary>
public static class LiquidFilters
{
    private static readonly FrozenDictionary<string, LiquidFilter> Table =
        TextFilters.All.Concat(NumberFilters.All).Concat(ListFilters.All).Concat(DateFilter.All).ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys.Order(StringComparer.Ordinal)];

    public static bool IsFilter(string name) => Table.ContainsKey(name);

    internal static LiquidFilter? Find(string name) => Table.GetValueOrDefault(name);
}
