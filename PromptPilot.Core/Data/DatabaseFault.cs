using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data;

/// <summary>
/// Tells what the database refuses by itself, such as a full disk, from what is wrong with a request and from mistakes of ours. Codes:
/// https://sqlite.org/rescode.html.
/// </summary>
public static class DatabaseFault
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Io = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;

    /// <summary>What to tell who asked; null when the database is not to blame.</summary>
    public static Problem? Explain(Exception exception) =>
        Find<WriteGateTimeoutException>(exception) is not null
            ? Refusal(
                "The database was busy with another change for 30 seconds. Nothing was changed. Try again in a moment; if it keeps failing, ask an admin to look at the host's log."
            )
            : ExplainCode(exception);

    private static Problem? ExplainCode(Exception exception) =>
        CodeOf(exception) switch
        {
            Full => Refusal(
                "The database takes no changes at the moment: the disk is full. Nothing was changed. An admin has to make space; then try again."
            ),
            Busy or Locked => Refusal(
                "The database was kept busy by something else for too long. Nothing was changed. Try again in a moment."
            ),
            ReadOnly or Io or CannotOpen => Refusal(
                "The database does not work at the moment, for example because the disk is full or gone. Nothing was changed; an admin finds the cause in the host's log."
            ),
            _ => null,
        };

    /// <summary>Whether a row broke a rule of the schema, e.g. a name that is taken.</summary>
    internal static bool IsConstraint(this DbUpdateException exception) => CodeOf(exception) == Constraint;

    private static int? CodeOf(Exception exception) => Find<SqliteException>(exception)?.SqliteErrorCode;

    private static T? Find<T>(Exception? exception)
        where T : Exception =>
        exception switch
        {
            null => null,
            T found => found,
            _ => Find<T>(exception.InnerException),
        };

    private static Problem Refusal(string message) => new(ProblemKind.Unavailable, message, []);
}
