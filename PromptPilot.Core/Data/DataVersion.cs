namespace PromptPilot.Core.Data;

/// <summary>
/// Counts EF's commits. Data that was read at a count is current as long as the count is unchanged: <see cref="DataVersionInterceptor"/>
/// raises it after each commit, whatever table was touched,
/// so that code that writes never has to announce its changes. That suffices because one process owns the database: it locks the
/// data directory.
/// The journal does not write through EF, so its rows are not covered: do not cache runs, events and logs by this.
/// </summary>
public sealed class DataVersion
{
    private long _count;

    internal long Current => Volatile.Read(ref _count);

    internal void Raise() => Interlocked.Increment(ref _count);
}
