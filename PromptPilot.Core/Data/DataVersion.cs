namespace PromptPilot.Core.Data;

/// <summary>
/// Counts what EF has committed. What was read at a count is true for as long as the count stands: <see cref="DataVersionInterceptor"/>
/// raises it after each commit, whatever table was touched,
/// so that nobody who writes has to remember to say what they changed. That suffices because one process owns the database: it locks the
/// data directory.
/// Rows of the journal, which does not write through EF, do not count: runs, events and logs must not be kept by this.
/// </summary>
public sealed class DataVersion
{
    private long _count;

    internal long Current => Volatile.Read(ref _count);

    internal void Raise() => Interlocked.Increment(ref _count);
}
