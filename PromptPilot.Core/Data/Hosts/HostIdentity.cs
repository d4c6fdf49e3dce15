using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data.Hosts;

/// <summary>Identifies this host among those that share a database. New at each start.</summary>
public sealed class HostIdentity
{
    /// <summary>The machine's name, then a unique id: <c>web-1/0190c2…</c>.</summary>
    public string Id { get; } = $"{Environment.MachineName}/{Ids.New()}";

    public string Name { get; } = Environment.MachineName;
}
