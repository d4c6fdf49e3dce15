using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PromptPilot.Core.Data;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// Throws inside a type of choice, wherever that asks for the time or for the database, and at the points of a write of choice. By turns
/// what a bug throws and a cancellation that nobody asked for.
/// </summary>
internal sealed class Chaos
{
    private readonly Lock _lock = new();
    private string? _seam;
    private bool _throws;
    private int _hits;

    /// <summary>How often the seam was passed since it was armed or disarmed.</summary>
    public int Hits => Volatile.Read(ref _hits);

    public void Arm(string seam) => Set(seam, throws: true);

    /// <summary>Throws no more, and counts on.</summary>
    public void Disarm() => Set(_seam, throws: false);

    /// <summary>A point in the code. Its seam is the name given, or a type on the stack.</summary>
    public void Pass(string? point = null)
    {
        bool throws;
        int hits;
        lock (_lock)
        {
            if (_seam is not { } seam || !(point == seam || IsOnStack(seam)))
            {
                return;
            }

            (throws, hits) = (_throws, ++_hits);
        }

        if (throws)
        {
            throw hits % 2 == 1 ? new InvalidOperationException("Chaos.") : new OperationCanceledException("Chaos.");
        }
    }

    private void Set(string? seam, bool throws)
    {
        lock (_lock)
        {
            (_seam, _throws, _hits) = (seam, throws, 0);
        }
    }

    private static bool IsOnStack(string seam)
    {
        foreach (var frame in new StackTrace(fNeedFileInfo: false).GetFrames())
        {
            for (var type = frame.GetMethod()?.DeclaringType; type is not null; type = type.DeclaringType)
            {
                if (type.Name == seam)
                {
                    return true;
                }
            }
        }

        return false;
    }
}

/// <summary>The system's time, through chaos.</summary>
internal sealed class ChaosTime(Chaos chaos) : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        chaos.Pass();
        return base.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        chaos.Pass();
        return base.GetTimestamp();
    }
}

/// <summary>Contexts, through chaos.</summary>
internal sealed class ChaosContexts(IDbContextFactory<SqlitePromptPilotDbContext> inner, Chaos chaos)
    : IDbContextFactory<PromptPilotDbContext>
{
    public PromptPilotDbContext CreateDbContext()
    {
        chaos.Pass();
        return inner.CreateDbContext();
    }

    public async Task<PromptPilotDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default)
    {
        chaos.Pass();
        return await inner.CreateDbContextAsync(cancellationToken);
    }
}

/// <summary>The points of a write. Added last, so that it throws inside of what the portal's own interceptors have begun.</summary>
internal sealed class ChaosInterceptor(Chaos chaos) : DbCommandInterceptor, ISaveChangesInterceptor, IDbTransactionInterceptor
{
    public const string SaveBegins = "save begins";
    public const string SaveEnds = "save ends";
    public const string CommandBegins = "command of a write begins";
    public const string BulkEnds = "bulk write ends";
    public const string TransactionBegins = "transaction begins";
    public const string CommitBegins = "commit begins";
    public const string CommitEnds = "commit ends";

    public static readonly IReadOnlyList<string> Points =
    [
        SaveBegins,
        SaveEnds,
        CommandBegins,
        BulkEnds,
        TransactionBegins,
        CommitBegins,
        CommitEnds,
    ];

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    ) => Pass(SaveBegins, result);

    public ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    ) => Pass(SaveEnds, result);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default
    ) => eventData.CommandSource == CommandSource.SaveChanges ? Pass(CommandBegins, result) : ValueTask.FromResult(result);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    ) => Pass(CommandBegins, result);

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command,
        CommandExecutedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    ) => Pass(BulkEnds, result);

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection,
        TransactionStartingEventData eventData,
        InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default
    ) => Pass(TransactionBegins, result);

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction,
        TransactionEventData eventData,
        InterceptionResult result,
        CancellationToken cancellationToken = default
    ) => Pass(CommitBegins, result);

    public Task TransactionCommittedAsync(
        DbTransaction transaction,
        TransactionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        chaos.Pass(CommitEnds);
        return Task.CompletedTask;
    }

    private ValueTask<T> Pass<T>(string point, T result)
    {
        chaos.Pass(point);
        return ValueTask.FromResult(result);
    }
}
