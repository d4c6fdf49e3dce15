using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>
/// Facts of one kind, in the order in which they were inserted. The order is SQLite's number of a row, which costs the journal nothing. It
/// may change when the file is copied, but then for all rows alike, so a place in it is remembered by the key of the row. Only the classes
/// derived from this one know these numbers.
/// </summary>
internal abstract class RollupSource
{
    public static readonly IReadOnlyList<RollupSource> All = [new RunFactSource(), new CallFactSource(), new RatingFactSource()];

    public abstract RollupFacts Facts { get; }

    protected abstract string Table { get; }

    /// <summary>SQL of the text that identifies a row.</summary>
    protected abstract string KeySql { get; }

    protected virtual string IsKeySql => "\"Id\" = {0}";

    /// <summary>Counts the next portion of facts, in one transaction with the place up to which they have been counted.</summary>
    /// <param name="portion">Rows of the table.</param>
    /// <returns>False when all have been counted.</returns>
    public abstract Task<bool> AdvanceAsync(PromptPilotDbContext db, WriteGate gate, int portion, CancellationToken cancellationToken);

    /// <summary>Moves what is about to be deleted to the sums of what was deleted.</summary>
    /// <param name="number">Facts up to this one have been counted.</param>
    public abstract Task KeepAsync(PromptPilotDbContext db, RollupRemoval removal, long number, CancellationToken cancellationToken);

    /// <summary>Forgets all sums except those of deleted facts, so that the next passes count again what there is.</summary>
    public abstract Task ResetAsync(PromptPilotDbContext db, CancellationToken cancellationToken);

    /// <summary>The stored place, tracked by the context.</summary>
    public async Task<RollupProgress> ProgressAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var progress = await db.RollupProgress.FindAsync([Facts], cancellationToken);
        if (progress is null)
        {
            db.Add(progress = new RollupProgress { Facts = Facts });
        }

        return progress;
    }

    /// <summary>The number of the row with a key; 0 for null, null if there is no such row.</summary>
    public async Task<long?> NumberAsync(PromptPilotDbContext db, string? key, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            return 0;
        }

        var numbers = await db
            .Database.SqlQueryRaw<long>(Select("rowid", $"WHERE {IsKeySql}"), [.. KeyValues(key)])
            .ToListAsync(cancellationToken);
        return numbers.Count == 0 ? null : numbers[0];
    }

    /// <summary>The key of the last row up to a number; null if there is none.</summary>
    public async Task<string?> KeyAsync(PromptPilotDbContext db, long number, CancellationToken cancellationToken) =>
        (
            await db
                .Database.SqlQueryRaw<string>(Select(KeySql, "WHERE rowid <= {0} ORDER BY rowid DESC LIMIT 1"), number)
                .ToListAsync(cancellationToken)
        ).SingleOrDefault();

    /// <summary>The number of the newest row; 0 without any.</summary>
    public async Task<long> NewestAsync(PromptPilotDbContext db, CancellationToken cancellationToken) =>
        (await db.Database.SqlQueryRaw<long>(Select("coalesce(max(rowid), 0)", "")).ToListAsync(cancellationToken))[0];

    protected virtual IEnumerable<object> KeyValues(string key) => [key];

    /// <summary>The number of the last row of the next portion; the given number if there is none.</summary>
    protected async Task<long> NextAsync(PromptPilotDbContext db, long after, int portion, CancellationToken cancellationToken)
    {
        var numbers = await db
            .Database.SqlQueryRaw<long>(Select("rowid", "WHERE rowid > {0} ORDER BY rowid LIMIT {1}"), after, portion)
            .ToListAsync(cancellationToken);
        return numbers.Count == 0 ? after : numbers[^1];
    }

    private string Select(string value, string which) => $"SELECT {value} AS \"Value\" FROM \"{Table}\" {which}";
}

/// <inheritdoc/>
/// <typeparam name="TRow">A row of their sums. A fact is given as a row of one, with the time of the fact as its start.</typeparam>
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

        var sums = new RollupSums<TRow>();
        await foreach (var fact in Between(db, number, next).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            sums.Add(fact);
        }

        await sums.LoadAsync(db, cancellationToken);

        // All of it was read without the gate. What changes sums or deletes facts raises the revision: then it is read again.
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

    /// <summary>The facts in the rows after the first number, up to and with the second.</summary>
    protected abstract IQueryable<TRow> Between(PromptPilotDbContext db, long after, long upTo);

    /// <summary>The facts about to be deleted, in rows up to a number.</summary>
    protected abstract IQueryable<TRow> Doomed(PromptPilotDbContext db, RollupRemoval removal, long upTo);

    /// <summary>Whether the sums are still those of the rows up to a number.</summary>
    protected virtual Task<bool> IsSoundAsync(PromptPilotDbContext db, long number, CancellationToken cancellationToken) =>
        Task.FromResult(true);
}
