using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PromptPilot.Core.Data;

/// <summary>
/// Takes every write of EF through the gate. What a save entered,
/// <see cref="PromptPilotDbContext.SaveChangesAsync(bool,CancellationToken)"/> leaves: EF does not call an interceptor at each of its
/// exits, for example not at a concurrency conflict. Synchronous writes are refused: they would block a thread while they wait.
/// </summary>
internal sealed class WriteGateInterceptor(WriteGate gate) : DbCommandInterceptor, ISaveChangesInterceptor
{
    private const int MostOfCommand = 80;

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result) =>
        throw new NotSupportedException("Save asynchronously: all writes wait for the write gate.");

    public async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is PromptPilotDbContext { TransactionHold: null } db)
        {
            db.LeaveStatement();
            db.StatementHold = await gate.EnterAsync(Describe(db), cancellationToken);
        }

        return result;
    }

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result
    ) => IsBulk(eventData) ? throw new NotSupportedException("Write asynchronously: all writes wait for the write gate.") : result;

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        if (IsBulk(eventData) && eventData.Context is PromptPilotDbContext { TransactionHold: null } db)
        {
            db.LeaveStatement();
            var text = command.CommandText;
            db.StatementHold = await gate.EnterAsync(text.Length <= MostOfCommand ? text : text[..MostOfCommand], cancellationToken);
        }

        return result;
    }

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command,
        CommandExecutedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    )
    {
        LeaveAfterBulk(eventData);
        return ValueTask.FromResult(result);
    }

    public override Task CommandFailedAsync(
        DbCommand command,
        CommandErrorEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        LeaveAfterBulk(eventData);
        return Task.CompletedTask;
    }

    public override Task CommandCanceledAsync(
        DbCommand command,
        CommandEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        LeaveAfterBulk(eventData);
        return Task.CompletedTask;
    }

    private static bool IsBulk(CommandEventData eventData) =>
        eventData.CommandSource is CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete;

    private static void LeaveAfterBulk(CommandEndEventData eventData)
    {
        if (eventData is { CommandSource: CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete, Context: PromptPilotDbContext db })
        {
            db.LeaveStatement();
        }
    }

    /// <summary>Which kinds of rows are saved. Changes were detected by the audit, which runs before.</summary>
    private static string Describe(PromptPilotDbContext db)
    {
        var detects = db.ChangeTracker.AutoDetectChangesEnabled;
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            var kinds = db
                .ChangeTracker.Entries()
                .Where(row => row.State is EntityState.Added or EntityState.Modified or EntityState.Deleted)
                .Select(row => row.Metadata.ShortName())
                .Distinct();
            return "Save of " + string.Join(", ", kinds);
        }
        finally
        {
            db.ChangeTracker.AutoDetectChangesEnabled = detects;
        }
    }
}
