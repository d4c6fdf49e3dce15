using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Data.Texts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data;

/// <summary>
/// Distinguishes faults of the database, such as a full disk, from invalid requests and from bugs of ours. Codes of SQLite:
/// https://sqlite.org/rescode.html. What has another state in SQL is PostgreSQL's: see <see cref="PostgresFault"/>.
/// </summary>
public static class DatabaseFault
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int OutOfMemory = 7;
    private const int ReadOnly = 8;
    private const int Interrupted = 9;
    private const int Io = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int LockProtocol = 15;
    private const int SchemaChanged = 17;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int NotADatabase = 26;

    /// <summary>The message for the caller; null when the database is not to blame.</summary>
    public static Problem? Explain(Exception exception) =>
        Find<WriteGateTimeoutException>(exception) is not null
            ? Refusal(
                "The database was busy with another change for 30 seconds. Nothing was changed. Try again in a moment. If it "
                    + "keeps failing, ask an admin to check the log."
            )
            : Find<UnstorableTextException>(exception)?.Problem
                ?? ExplainCode(exception)
                ?? (PostgresFault.Explain(exception) is { } message ? Refusal(message) : null);

    /// <summary>The cause in a few words, for the log; null when the database is not to blame.</summary>
    public static string? FindCause(Exception exception) =>
        CodeOf(exception) switch
        {
            Full => "the disk is full",
            Busy or Locked or LockProtocol => "another program has locked the database",
            ReadOnly => "the database is read-only",
            Io or CannotOpen => "the database file cannot be read or written",
            Corrupt or NotADatabase => "the database file is damaged",
            OutOfMemory => "the database ran out of memory",
            _ => Find<WriteGateTimeoutException>(exception)?.Message ?? PostgresFault.FindCause(exception),
        };

    private static Problem? ExplainCode(Exception exception) =>
        CodeOf(exception) switch
        {
            Full => Refusal(
                "The database cannot be changed right now because the disk is full. Nothing was changed. "
                    + "Ask an admin to free up space, then try again."
            ),
            Busy or Locked or LockProtocol => Refusal(
                "Another program kept the database locked for too long. Nothing was changed. Try again in a moment. "
                    + "If it happens again, ask an admin to find that program, such as a backup tool."
            ),
            ReadOnly => Refusal(
                "The database is read-only right now. Nothing was changed. "
                    + "Ask an admin to make its file and folder writable for PromptPilot, then try again."
            ),
            Io or CannotOpen => Refusal(
                "The database file cannot be read or written right now. Nothing was changed. "
                    + "Ask an admin to look for the cause in the log."
            ),
            Corrupt or NotADatabase => Refusal(
                "The database file is damaged. Nothing was changed. "
                    + "Ask an admin to check it and, if it cannot be repaired, to restore a backup."
            ),
            OutOfMemory => Refusal("The database ran out of memory. Nothing was changed. Try again in a moment."),
            TooBig => new Problem(ProblemKind.TooLarge, "This is more than the database can store. Nothing was changed. Shorten it.", []),
            _ => null,
        };

    /// <summary>
    /// Whether the same write can succeed later: the database was busy, full, read-only or out of reach. What cannot be serialized,
    /// breaks a rule of the schema or is too large never succeeds.
    /// </summary>
    internal static bool CanPass(Exception exception) =>
        CodeOf(exception) is { } code
            ? code
                is Busy
                    or Locked
                    or OutOfMemory
                    or ReadOnly
                    or Interrupted
                    or Io
                    or Corrupt
                    or Full
                    or CannotOpen
                    or LockProtocol
                    or SchemaChanged
                    or NotADatabase
            : PostgresFault.CanPass(exception)
                ?? exception is TimeoutException or IOException or UnauthorizedAccessException or DbException { IsTransient: true };

    /// <summary>True when a row broke a rule of the schema, e.g. a name that is taken.</summary>
    internal static bool IsConstraint(this Exception exception) => CodeOf(exception) == Constraint || PostgresFault.IsConstraint(exception);

    private static int? CodeOf(Exception exception) => Find<SqliteException>(exception)?.SqliteErrorCode;

    internal static T? Find<T>(Exception? exception)
        where T : Exception =>
        exception switch
        {
            null => null,
            T found => found,
            _ => Find<T>(exception.InnerException),
        };

    private static Problem Refusal(string message) => new(ProblemKind.Unavailable, message, []);
}
