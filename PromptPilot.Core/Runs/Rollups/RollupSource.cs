using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>
/// Facts of one kind, in insertion order. The order is SQLite's rowid, which costs the journal nothing; PostgreSQL has a column for it.
/// Copying the database can change the ids but not their order, so progress is stored as the key of a row. Only derived classes use row
/// ids.
/// </summary>
internal abstract class RollupSource
{
    public static readonly IReadOnlyList<RollupSource> All = [new RunFactSource(), new CallFactSource(), new RatingFactSource()];

    /// <summary>Sums up the weeks of a database from before weeks were summed. For a start, before anything else writes sums.</summary>
    public static async Task AddMissingWeeksAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        await RollupSums<RunRollup>.AddMissingWeeksAsync(db, cancellationToken);
        await RollupSums<CallRollup>.AddMissingWeeksAsync(db, cancellationToken);
        await RollupSums<RatingRollup>.AddMissingWeeksAsync(db, cancellationToken);
    }

    public abstract RollupFacts Facts { get; }

    protected abstract string Table { get; }

    /// <summary>SQL expression for the text that identifies a row.</summary>
    protected abstract string KeySql { get; }

    protected virtual string IsKeySql => "\"Id\" = {0}";

    /// <summary>Counts the next portion of facts and stores the progress in the same transaction.</summary>
    /// <param name="portion">Number of rows.</param>
    /// <returns>False if all have been counted.</returns>
    public abstract Task<bool> AdvanceAsync(PromptPilotDbContext db, WriteGate gate, int portion, CancellationToken cancellationToken);

    /// <summary>Moves facts that are about to be deleted to the sums of deleted facts.</summary>
    /// <param name="number">Row id up to which facts have been counted.</param>
    public abstract Task KeepAsync(PromptPilotDbContext db, RollupRemoval removal, long number, CancellationToken cancellationToken);

    /// <summary>Clears all sums except those of deleted facts, so that the next passes count everything again.</summary>
    public abstract Task ResetAsync(PromptPilotDbContext db, CancellationToken cancellationToken);

    /// <summary>The stored progress, tracked by the context.</summary>
    public async Task<RollupProgress> ProgressAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var progress = await db.RollupProgress.FindAsync([Facts], cancellationToken);
        if (progress is null)
        {
            db.Add(progress = new RollupProgress { Facts = Facts });
        }

        return progress;
    }

    /// <summary>The row id for a key; 0 for null, null if there is no such row.</summary>
    public async Task<long?> NumberAsync(PromptPilotDbContext db, string? key, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            return 0;
        }

        var numbers = await db
            .Database.SqlQueryRaw<long>(Select(Value(db.RowNumber), $"WHERE {IsKeySql}"), [.. KeyValues(key)])
            .ToListAsync(cancellationToken);
        return numbers.Count == 0 ? null : numbers[0];
    }

    /// <summary>The key of the last row up to a row id; null if there is none.</summary>
    public async Task<string?> KeyAsync(PromptPilotDbContext db, long number, CancellationToken cancellationToken) =>
        (
            await db
                .Database.SqlQueryRaw<string>(
                    Select(Value(KeySql), $"WHERE {db.RowNumber} <= {{0}} ORDER BY {db.RowNumber} DESC LIMIT 1"),
                    number
                )
                .ToListAsync(cancellationToken)
        ).SingleOrDefault();

    /// <summary>The newest row id; 0 without any.</summary>
    public async Task<long> NewestAsync(PromptPilotDbContext db, CancellationToken cancellationToken) =>
        (await db.Database.SqlQueryRaw<long>(Select(Value($"coalesce(max({db.RowNumber}), 0)"), "")).ToListAsync(cancellationToken))[0];

    protected virtual IEnumerable<object> KeyValues(string key) => [key];

    /// <summary>The last row id of the next portion; the given id if there is none.</summary>
    protected async Task<long> NextAsync(PromptPilotDbContext db, long after, int portion, CancellationToken cancellationToken)
    {
        var numbers = await db
            .Database.SqlQueryRaw<long>(
                Select(Value(db.RowNumber), $"WHERE {db.RowNumber} > {{0}} ORDER BY {db.RowNumber} LIMIT {{1}}"),
                after,
                portion
            )
            .ToListAsync(cancellationToken);
        return numbers.Count == 0 ? after : numbers[^1];
    }

    /// <summary>SQL for the rows after the first row id, up to and including the second, and of a further condition.</summary>
    protected string Between(PromptPilotDbContext db, string also = "true") =>
        Select("*", $"WHERE {db.RowNumber} > {{0}} AND {db.RowNumber} <= {{1}} AND {also}");

    /// <summary>SQL for the rows up to a row id. The plus keeps the database from scanning the table by row id for each match.</summary>
    protected string UpTo(PromptPilotDbContext db, string also = "true") => Select("*", $"WHERE +{db.RowNumber} <= {{0}} AND {also}");

    private static string Value(string expression) => $"{expression} AS \"Value\"";

    private string Select(string columns, string which) => $"SELECT {columns} FROM \"{Table}\" {which}";
}

/// <inheritdoc/>
/// <typeparam name="TRow">Their rollup row. A fact is passed as a row with a count of one and the fact's time as its start.</typeparam>
internal abstract class RollupSource<TRow> : RollupSource
    where TRow : RollupRow
{
    public override async Task<bool> AdvanceAsync(PromptPilotDbContext db, WriteGate gate, int portion, CancellationToken cancellationToken)
    {
        var progress = await ProgressAsync(db, cancellationToken);
        var revision = progress.Revision;
        if (await NumberAsync(db, progress.Last, cancellationToken) is not { } number || !await IsSoundAsync(db, number, cancellationToken))
        {
            await using var reset = await gate.BeginAsync(db, cancellationToken);
            await ResetAsync(db, cancellationToken);
            await reset.CommitAsync(cancellationToken);
            return true;
        }

        var next = await NextAsync(db, number, portion, cancellationToken);
        if (next == number)
        {
            return false;
        }

        if (!db.HasOneWriter)
        {
            // Numbers are given before their transactions commit, in any order: read them while none is under way.
            await using var settled = await gate.BeginAsync(db, cancellationToken);
            next = await NextAsync(db, number, portion, cancellationToken);
        }

        var sums = new RollupSums<TRow>();
        await foreach (var fact in Between(db, number, next).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            sums.Add(fact);
        }

        await sums.LoadAsync(db, cancellationToken);

        // This was read without the gate. Changed sums and deleted facts increment the revision, and then it is read again.
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var current = await db
            .RollupProgress.Where(stored => stored.Facts == Facts)
            .Select(stored => stored.Revision)
            .SingleOrDefaultAsync(cancellationToken);
        if (current == revision)
        {
            sums.Apply(db);
            progress.Last = await KeyAsync(db, next, cancellationToken);
            progress.Revision++;
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return true;
    }

    public override async Task KeepAsync(PromptPilotDbContext db, RollupRemoval removal, long number, CancellationToken cancellationToken)
    {
        var sums = new RollupSums<TRow>();
        await foreach (var fact in Doomed(db, removal, long.MaxValue).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            sums.Add(fact, isRemoved: true);
        }

        await foreach (var fact in Doomed(db, removal, number).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            sums.Subtract(fact);
        }

        await sums.LoadAsync(db, cancellationToken);
        sums.Apply(db);
    }

    public override async Task ResetAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        await db.Set<TRow>().Where(row => !row.IsRemoved).ExecuteDeleteAsync(cancellationToken);
        var progress = await ProgressAsync(db, cancellationToken);
        progress.Last = null;
        progress.Revision++;
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The facts in rows after the first row id, up to and including the second.</summary>
    protected abstract IQueryable<TRow> Between(PromptPilotDbContext db, long after, long upTo);

    /// <summary>The facts about to be deleted, in rows up to a row id.</summary>
    protected abstract IQueryable<TRow> Doomed(PromptPilotDbContext db, RollupRemoval removal, long upTo);

    /// <summary>Whether the sums still equal the rows up to a row id.</summary>
    protected virtual Task<bool> IsSoundAsync(PromptPilotDbContext db, long number, CancellationToken cancellationToken) =>
        Task.FromResult(true);
}
