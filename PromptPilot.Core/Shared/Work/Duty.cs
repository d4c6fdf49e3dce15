namespace PromptPilot.Core.Shared.Work;

/// <summary>Background work that only one host of a database does at a time.</summary>
public enum DutyName
{
    Schedules,
    Housekeeping,
    Hooks,
    Notifications,
    Rollups,
    Experiments,
}

/// <summary>
/// Whether this host has a duty. A single host has all of them. Where hosts share a database, another host takes over the duties of one
/// that ends. A host that has lost the database gives its duties up before another takes them.
/// </summary>
public sealed class Duty
{
    private readonly ChangeSignal _taken = new();
    private long _mineUntil = long.MaxValue;

    public bool IsMine => Environment.TickCount64 <= Volatile.Read(ref _mineUntil);

    /// <summary>Whether other hosts may create work for it without signaling this host.</summary>
    internal bool IsShared { get; private set; }

    /// <summary>Gives this host the duty until then, unless it is extended before.</summary>
    /// <param name="ticks">A time of <see cref="Environment.TickCount64"/>, in milliseconds.</param>
    internal void TakeUntil(long ticks)
    {
        var hadIt = IsMine;
        IsShared = true;
        Volatile.Write(ref _mineUntil, ticks);
        if (!hadIt)
        {
            _taken.Raise();
        }
    }

    internal void GiveUp()
    {
        IsShared = true;
        Volatile.Write(ref _mineUntil, long.MinValue);
    }

    internal async Task WaitUntilMineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = _taken.Count;
            if (IsMine)
            {
                return;
            }

            await _taken.WaitAsync(seen, cancellationToken);
        }
    }
}

/// <summary>The duties of this host.</summary>
public sealed class Duties
{
    private readonly Duty[] _all = [.. Enum.GetValues<DutyName>().Select(_ => new Duty())];

    internal IReadOnlyList<Duty> All => _all;

    internal Duty this[DutyName name] => _all[(int)name];
}
