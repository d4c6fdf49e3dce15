using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>An entry that the database cannot take now and that need not be kept: it belongs to a run that does not exist yet.</summary>
/// <param name="cause">The database's error.</param>
internal sealed class EntryRefusedException(Exception cause) : Exception("The database cannot accept new runs right now.", cause)
{
    private static readonly Problem Unknown = new(
        ProblemKind.Unavailable,
        "The database cannot accept new runs right now, so nothing was started. The server log has the cause.",
        []
    );

    public Problem Problem => DatabaseFault.Explain(InnerException!) ?? Unknown;
}

/// <summary>An entry can never be written, e.g. because a value cannot be serialized. Its run must end without it.</summary>
/// <param name="cause">The reason.</param>
internal sealed class EntryUnwritableException(Exception cause)
    : Exception($"A record of this run could not be stored: {cause.Message}", cause);

/// <summary>The host stopped before an entry was written. Its run resumes at the next start, as it was before.</summary>
internal sealed class JournalClosedException() : InvalidOperationException("The journal is closed.");
