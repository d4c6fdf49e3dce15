using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>Hears what other hosts have changed, and has this host forget what it knew. Only the loop of the session uses it.</summary>
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

    /// <summary>A notification has come.</summary>
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

    /// <summary>Anything may have changed unheard.</summary>
    internal void HearNothing()
    {
        version.Raise();
        _due.UnionWith(_changes);
        foreach (var notice in _notices)
        {
            notice.Heard(null);
        }
    }

    /// <summary>Does what is due. What fails is done again by the next call.</summary>
    /// <param name="isCutOff">The database is out of reach.</param>
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
                log.LogWarning(exception, "A change of {Table} by another host is not followed yet; retrying", change.Table);
            }
        }
    }
}
