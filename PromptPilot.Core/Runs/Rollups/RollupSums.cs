using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>Collects changes to sums in memory, then writes them to the rows of their hours, days and weeks.</summary>
internal sealed class RollupSums<TRow>
    where TRow : RollupRow
{
    /// <summary>The most hours, days or weeks read by one query.</summary>
    private const int MostStarts = 200;

    private static readonly RollupSpan[] LongSpans = [RollupSpan.Day, RollupSpan.Week];

    private readonly Dictionary<Place, TRow> _added = [];
    private readonly Dictionary<Place, TRow> _subtracted = [];
    private readonly Dictionary<Place, TRow> _stored = [];

    /// <summary>The identity of a row.</summary>
    private readonly record struct Place(RollupSpan Span, DateTime Start, bool IsRemoved, object Key)
    {
        public static Place Of(RollupRow row) => new(row.Span, row.Start, row.IsRemoved, row.Key);
    }

    /// <summary>Adds one fact, passed as a row with a count of one and the fact's time as its start.</summary>
    public void Add(TRow fact, bool isRemoved = false) => AddTo(_added, fact, RollupSpan.Hour, isRemoved);

    /// <summary>Subtracts a fact that was added before.</summary>
    public void Subtract(TRow fact) => AddTo(_subtracted, fact, RollupSpan.Hour, isRemoved: false);

    /// <summary>Reads the rows to change, once all facts have been added and subtracted.</summary>
    public async Task LoadAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        AddLongSpans(_added);
        AddLongSpans(_subtracted);
        foreach (var span in _added.Keys.Concat(_subtracted.Keys).GroupBy(place => place.Span, place => place.Start))
        {
            foreach (var starts in span.Distinct().Chunk(MostStarts))
            {
                var rows = db.Set<TRow>().Where(row => row.Span == span.Key && starts.Contains(row.Start));
                await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
                {
                    _stored[Place.Of(row)] = row;
                }
            }
        }
    }

    /// <summary>Applies the changes to the rows, without saving.</summary>
    public void Apply(PromptPilotDbContext db)
    {
        foreach (var (place, change) in _added)
        {
            if (_stored.TryGetValue(place, out var row))
            {
                row.Add(change, 1);
            }
            else
            {
                db.Add(change);
                _stored.Add(place, change);
            }
        }

        foreach (var (place, change) in _subtracted)
        {
            if (_stored.TryGetValue(place, out var row))
            {
                row.Add(change, -1);
                if (row.IsEmpty)
                {
                    db.Remove(row);
                }
            }
        }
    }

    /// <summary>Sums up the stored days by week, for a database from before weeks were summed.</summary>
    public static async Task AddMissingWeeksAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var rows = db.Set<TRow>().AsNoTracking();
        if (
            await rows.AnyAsync(row => row.Span == RollupSpan.Week, cancellationToken)
            || !await rows.AnyAsync(row => row.Span == RollupSpan.Day, cancellationToken)
        )
        {
            return;
        }

        var weeks = new Dictionary<Place, TRow>();
        await foreach (var day in rows.Where(row => row.Span == RollupSpan.Day).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            AddTo(weeks, day, RollupSpan.Week, day.IsRemoved);
        }

        db.AddRange(weeks.Values);
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>Sums up the hours by day and week, which costs less than adding each fact to all three.</summary>
    private static void AddLongSpans(Dictionary<Place, TRow> changes)
    {
        foreach (var hour in changes.Values.ToArray())
        {
            foreach (var span in LongSpans)
            {
                AddTo(changes, hour, span, hour.IsRemoved);
            }
        }
    }

    private static void AddTo(Dictionary<Place, TRow> changes, TRow part, RollupSpan span, bool isRemoved)
    {
        var start = span.StartOf(part.Start);
        var place = new Place(span, start, isRemoved, part.Key);
        if (!changes.TryGetValue(place, out var row))
        {
            changes.Add(place, row = (TRow)part.Empty().At(span, start, isRemoved));
        }

        row.Add(part, 1);
    }
}
