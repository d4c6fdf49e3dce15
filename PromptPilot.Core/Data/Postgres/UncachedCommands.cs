using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>
/// Statements on rows that no host caches, and locks. They go past EF, whose interceptor takes every statement for a change of cached data
/// and drops all caches of this host.
/// </summary>
internal static class UncachedCommands
{
    /// <param name="sql">Part of the context's transaction, if it has one.</param>
    /// <param name="parameters">With <c>@</c> before their names. Those that the statement does not name are left out.</param>
    /// <returns>Number of changed rows.</returns>
    public static async Task<int> ExecuteUncachedAsync(
        this PromptPilotDbContext db,
        string sql,
        IEnumerable<(string Name, object Value)> parameters,
        CancellationToken cancellationToken
    )
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // All statements are constants.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters.Where(one => sql.Contains(one.Name, StringComparison.Ordinal)))
            {
                Set(command, name, value);
            }

            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <inheritdoc cref="ExecuteUncachedAsync(PromptPilotDbContext, string, IEnumerable{ValueTuple{string, object}}, CancellationToken)"/>
    public static Task<int> ExecuteUncachedAsync(this PromptPilotDbContext db, string sql, CancellationToken cancellationToken) =>
        db.ExecuteUncachedAsync(sql, [], cancellationToken);

    private static void Set(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
