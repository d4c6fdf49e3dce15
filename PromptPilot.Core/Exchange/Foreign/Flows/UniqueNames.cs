namespace PromptPilot.Core.Exchange.Foreign.Flows;

/// <summary>
/// Gives each name once: repeated ones get a number. A file can repeat a name very often, so numbers continue instead of being searched.
/// </summary>
/// <param name="joint">Between the name and its number.</param>
internal sealed class UniqueNames(StringComparer comparer, string joint)
{
    private readonly HashSet<string> _used = new(comparer);
    private readonly Dictionary<string, int> _next = new(comparer);

    public string Take(string name)
    {
        var unique = name;
        var number = _next.GetValueOrDefault(name, 2);
        while (!_used.Add(unique))
        {
            unique = $"{name}{joint}{number++}";
        }

        _next[name] = number;
        return unique;
    }
}
