using System.Collections.Concurrent;

namespace PromptPilot.Core.Data;

/// <summary>
/// Rows that each call needs, cached until EF's next commit of any change: a reader never sees less than what was committed
/// before it asked.
/// For what is read at every call and changed by people; never for rows of the journal (see <see cref="DataVersion"/>).
/// </summary>
/// <param name="load">Reads one row, outside any transaction; null if it does not exist, which is not cached.</param>
internal sealed class CommittedCache<T>(DataVersion version, Func<string, CancellationToken, Task<T?>> load)
    where T : class
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private sealed record Entry(long Version, T Value);

    public ValueTask<T?> FindAsync(string key, CancellationToken cancellationToken)
    {
        // Taken before the row is read: a commit during the read makes the entry worthless, and one before it is seen by the read.
        var now = version.Current;
        return _entries.TryGetValue(key, out var entry) && entry.Version == now
            ? ValueTask.FromResult<T?>(entry.Value)
            : LoadAsync(key, now, cancellationToken);
    }

    private async ValueTask<T?> LoadAsync(string key, long now, CancellationToken cancellationToken)
    {
        var value = await load(key, cancellationToken);
        if (value is null)
        {
            _entries.TryRemove(key, out _);
        }
        else
        {
            _entries[key] = new Entry(now, value);
        }

        return value;
    }
}
