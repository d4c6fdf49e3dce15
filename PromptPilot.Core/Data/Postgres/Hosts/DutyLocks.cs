using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>Distributes duties among the hosts. Each is an advisory lock that the session of one host holds.</summary>
public sealed class DutyLocks(HostSession session, Duties duties)
{
    /// <summary>Shorter than a lease, after which others end the session of a host that no longer answers.</summary>
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(10);

    private static readonly string TryAll =
        $"SELECT ARRAY[{string.Join(", ", Enum.GetValues<DutyName>().Select(name => PostgresLocks.TryDuty((int)name)))}]";

    private bool _hasAll;

    /// <summary>Gives up all duties. The host does their work only after it has taken them again.</summary>
    internal void GiveUpAll()
    {
        _hasAll = false;
        foreach (var duty in duties.All)
        {
            duty.GiveUp();
        }
    }

    /// <summary>Extends the duties of this host, and takes those that no host has.</summary>
    /// <param name="began">When the last answered request was sent: a time of <see cref="Environment.TickCount64"/>.</param>
    internal async Task KeepAsync(long began, CancellationToken cancellationToken)
    {
        var until = began + (long)Term.TotalMilliseconds;
        if (!_hasAll)
        {
            await session.ExecuteAsync(HostTable.EndLateSessions, cancellationToken);
            var mine = await session.ReadAsync<bool[]>(TryAll, cancellationToken);
            for (var i = 0; i < mine.Length; i++)
            {
                if (mine[i])
                {
                    duties.All[i].TakeUntil(until);
                }
            }

            _hasAll = Array.TrueForAll(mine, one => one);
            return;
        }

        foreach (var duty in duties.All)
        {
            duty.TakeUntil(until);
        }
    }
}
