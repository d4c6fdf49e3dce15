using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>Collects changes to sums in memory, then writes them to the rows of their hours and days.</summary>
internal sealed class RollupSums<TRow>
    where TRow : RollupRow
{
    /// <summary>The most hours or days read by one query.</summary>
    private const int MostStarts = 200;

    private readonly Dictionary<Place, TRow> _added = [];
    private readonly Dictionary<Place, TRow> _subtracted = [];
    private readonly Dictionary<Place, TRow> _stored = [];

    /// <summary>The identity of a row.</summary>
    private readonly record struct Place(RollupSpan Span, DateTime Start, bool IsRemoved, object Key)
    {
        public static Place Of(RollupRow row) => new(row.Span, row.Start, row.IsRemoved, row.Key);
    }

    /// <summary>Adds one fact, passed as a row with a count of one and the fact's time as its start.</summary>
    public void Add(TRow fact, bool isRemoved = false) => Collect(_added, fact, isRemoved);

    /// <summary>Subtracts a fact that was added before.</summary>
    public void Subtract(TRow fact) => Collect(_subtracted, fact, isRemoved: false);

    /// <summary>Reads the rows to change.</summary>
    public async Task LoadAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
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

    private static void Collect(Dictionary<Place, TRow> changes, TRow fact, bool isRemoved)
    {
        var at = fact.Start;
        AddTo(RollupSpan.Hour, new DateTime(at.Year, at.Month, at.Day, at.Hour, 0, 0, DateTimeKind.Utc));
        AddTo(RollupSpan.Day, at.Date);

        void AddTo(RollupSpan span, DateTime start)
        {
            var place = new Place(span, start, isRemoved, fact.Key);
            if (!changes.TryGetValue(place, out var row))
            {
                changes.Add(place, row = (TRow)fact.Empty().At(span, start, isRemoved));
            }

            row.Add(fact, 1);
        }
    }
}
