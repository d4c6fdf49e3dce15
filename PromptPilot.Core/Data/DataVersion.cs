namespace PromptPilot.Core.Data;

/// <summary>
/// Counts EF's commits. Data that was read at a count is current as long as the count is unchanged: <see cref="DataVersionInterceptor"/>
/// raises it after each commit, whatever table was touched, so that code that writes never has to announce its changes.
/// Where hosts share a database, commits of others raise it too. A host that may have missed one trusts nothing it has read: then every
/// read of the count returns a new value.
/// The journal does not write through EF, so its rows are not covered: do not cache runs, events and logs by this.
/// </summary>
public sealed class DataVersion
{
    private long _count;
    private long _trustedUntil = long.MaxValue;

    internal long Current => IsTrusted ? Volatile.Read(ref _count) : Interlocked.Increment(ref _count);

    /// <summary>False while this host may have missed a commit of another one.</summary>
    internal bool IsTrusted => _trustedUntil == long.MaxValue || Environment.TickCount64 <= Volatile.Read(ref _trustedUntil);

    internal void Raise() => Interlocked.Increment(ref _count);

    /// <summary>Nothing was missed so far, and the count can be trusted until then.</summary>
    /// <param name="ticks">A time of <see cref="Environment.TickCount64"/>, in milliseconds.</param>
    internal void TrustUntil(long ticks) => Volatile.Write(ref _trustedUntil, ticks);

    internal void Distrust() => TrustUntil(long.MinValue);
}
