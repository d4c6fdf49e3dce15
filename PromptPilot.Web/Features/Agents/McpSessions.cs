using System.Collections.Concurrent;

namespace PromptPilot.Web.Features.Agents;

/// <summary>
/// The sessions that each person has opened. The library keeps an idle one for hours and only limits all of them together, so that one key
/// could fill the memory and end the sessions of others.
/// </summary>
internal sealed class McpSessions
{
    /// <summary>Sessions a person, with all keys. One more ends the one that was not used for the longest time.</summary>
    public const int MostPerPerson = 50;

    /// <summary>By person, the last used at the end. The list is its own lock.</summary>
    private readonly ConcurrentDictionary<string, List<string>> _ids = new(StringComparer.Ordinal);

    /// <summary>A session was opened.</summary>
    /// <returns>The session to end instead, if there are too many.</returns>
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

    /// <summary>A session is used; one of another person, or one that has ended, is left alone.</summary>
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
