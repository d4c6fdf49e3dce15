using System.Collections.Concurrent;

namespace PromptPilot.Core.Shared.Texts;

/// <summary>
/// Caches what is parsed from texts by the text. Bounded by count and by characters; when full it starts again, which costs one parse per
/// live text.
/// </summary>
internal sealed class ParseCache<T>(Func<string, T> parse)
{
    private const int MaxEntries = 2_000;
    private const long MaxCharacters = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, T> _parsed = new(StringComparer.Ordinal);
    private int _entries;
    private long _characters;

    public T Get(string text)
    {
        if (_parsed.TryGetValue(text, out var known))
        {
            return known;
        }

        var made = parse(text);
        if (Interlocked.Increment(ref _entries) > MaxEntries || Interlocked.Add(ref _characters, text.Length) > MaxCharacters)
        {
            _parsed.Clear();
            Interlocked.Exchange(ref _entries, 1);
            Interlocked.Exchange(ref _characters, text.Length);
        }

        return _parsed.GetOrAdd(text, made);
    }
}
