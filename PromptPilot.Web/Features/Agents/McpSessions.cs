using System.Collections.Concurrent;

namespace PromptPilot.Web.Features.Agents;

/// <summary>
/// The sessions that each person has opened. The library keeps idle ones for hours and limits only the total, so one key could fill the
/// memory and end the sessions of others.
/// </summary>
internal sealed class McpSessions
{
    /// <summary>Sessions per person, across all keys. Opening another ends the least recently used one.</summary>
    public const int MostPerPerson = 50;

    /// <summary>By person, the least recently used first. Each list is its own lock.</summary>
    private readonly ConcurrentDictionary<string, List<string>> _ids = new(StringComparer.Ordinal);

    /// <summary>Records an opened session.</summary>
    /// <returns>The session to end in return; null if there is room.</returns>
    public string? Opened(string userId, string sessionId)
    {
        var ids = _ids.GetOrAdd(userId, _ => []);
        lock (ids)
        {
            ids.Add(sessionId);
            if (ids.Count <= MostPerPerson)
            {
                return null;
            }

            var oldest = ids[0];
            ids.RemoveAt(0);
            return oldest;
        }
    }

    /// <summary>Records the use of a session. One of another person, or one that has ended, is ignored.</summary>
    public void Used(string userId, string sessionId)
    {
        if (_ids.TryGetValue(userId, out var ids))
        {
            lock (ids)
            {
                if (ids.Remove(sessionId))
                {
                    ids.Add(sessionId);
                }
            }
        }
    }

    public void Ended(string userId, string sessionId)
    {
        if (_ids.TryGetValue(userId, out var ids))
        {
            lock (ids)
            {
                ids.Remove(sessionId);
            }
        }
    }
}
