using System.Collections.Concurrent;

namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>
/// The calls of this host that have rows, whose leases are renewed. A row whose write was not confirmed is not among them, so that it ends.
/// </summary>
public sealed class OpenCalls
{
    private readonly ConcurrentDictionary<string, byte> _ids = new(StringComparer.Ordinal);

    internal string[] Ids => [.. _ids.Keys];

    internal void Add(string id) => _ids[id] = 0;

    internal void Remove(string id) => _ids.TryRemove(id, out _);
}
