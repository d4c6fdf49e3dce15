using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>Receives the changes of other hosts and invalidates what this host has cached. Only the session's loop uses it.</summary>
public sealed class ForeignData(
    HostIdentity identity,
    DataVersion version,
    IEnumerable<ForeignChange> changes,
    IEnumerable<HostNotice> notices,
    ILogger<ForeignData> log
)
{
    public const string Channel = "pp_data";

    private readonly string _id = identity.Id.Replace(' ', '-');
    private readonly ForeignChange[] _changes = [.. changes];
    private readonly HostNotice[] _notices = [.. notices];
    private readonly HashSet<ForeignChange> _due = [];

    /// <summary>All channels that this host listens to.</summary>
    internal IEnumerable<string> Channels => _notices.Select(notice => notice.Channel).Append(Channel).Distinct();

    /// <summary>Records a received notification.</summary>
    internal void Hear(string channel, string payload)
    {
        foreach (var notice in _notices.Where(notice => notice.Channel == channel))
        {
            notice.Heard(payload);
        }

        if (channel == Channel && payload.Split(' ') is var words && words[0] != _id)
        {
            version.Raise();
            _due.UnionWith(_changes.Where(change => words.Contains(change.Table)));
        }
    }

    /// <summary>Records that notifications may have been missed: anything may have changed.</summary>
    internal void HearNothing()
    {
        version.Raise();
        _due.UnionWith(_changes);
        foreach (var notice in _notices)
        {
            notice.Heard(null);
        }
    }

    /// <summary>Invalidates and reloads what is due. If that fails, the next call retries.</summary>
    /// <param name="isCutOff">The database cannot be reached.</param>
    internal async Task ReactAsync(bool isCutOff, CancellationToken cancellationToken)
    {
        foreach (var change in _due.Where(change => !isCutOff || !change.NeedsDatabase).ToList())
        {
            try
            {
                await change.ReactAsync(cancellationToken);
                _due.Remove(change);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogWarning(exception, "A change of {Table} by another host could not be applied; retrying", change.Table);
            }
        }
    }
}
