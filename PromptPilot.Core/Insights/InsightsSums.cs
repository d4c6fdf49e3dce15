using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Core.Insights;

/// <summary>The sums of a range, read from the rollups: in total, by time, and by group.</summary>
internal sealed class InsightsSums
{
    private readonly InsightsFilter _filter;
    private readonly InsightsRange _range;

    private InsightsSums(InsightsFilter filter, InsightsRange range)
    {
        (_filter, _range) = (filter, range);
        Points = [.. Enumerable.Range(0, range.Count).Select(_ => new FigureSum())];
    }

    public FigureSum Totals { get; } = new();

    public FigureSum Previous { get; } = new();

    public IReadOnlyList<FigureSum> Points { get; }

    /// <summary>By the id of what the rows are about.</summary>
    public Dictionary<string, (FigureSum Sum, long[] Counts)> Groups { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FigureSum> Models { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FigureSum> Versions { get; } = new(StringComparer.Ordinal);

    /// <summary>The rows are about runs, not about calls.</summary>
    private bool IsOfRuns => OfRuns(_filter.GroupBy);

    /// <summary>Calls and ratings do not know who or what started their run.</summary>
    private bool HasCalls => _filter is { PersonId: null, Trigger: null };

    private bool HasRatings => HasCalls && _filter.GroupBy is not (InsightsGroup.Person or InsightsGroup.Trigger);

    public static bool OfRuns(InsightsGroup group) => group is InsightsGroup.Workflow or InsightsGroup.Person or InsightsGroup.Trigger;

    public static async Task<InsightsSums> ReadAsync(
        PromptPilotDbContext db,
        InsightsFilter filter,
        InsightsRange range,
        CancellationToken cancellationToken
    )
    {
        var sums = new InsightsSums(filter, range);
        if (sums.IsOfRuns)
        {
            await sums.AddRunsAsync(db, cancellationToken);
        }

        if (sums.HasCalls)
        {
            await sums.AddCallsAsync(db, cancellationToken);
            await sums.AddRatingsAsync(db, cancellationToken);
        }

        return sums;
    }

    public InsightsFigures Figures(FigureSum sum, bool showCost) => sum.ToFigures(showCost, HasRatings);

    private async Task AddRunsAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var rows = InRange(db.RunRollups)
            .Where(row =>
                (_filter.WorkflowId == null || row.WorkflowId == _filter.WorkflowId)
                && (_filter.PersonId == null || row.UserId == _filter.PersonId)
                && (_filter.Trigger == null || row.TriggerKind == _filter.Trigger)
            );
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Start < _range.From)
            {
                Previous.Add(row);
                continue;
            }

            var group = Group(
                _filter.GroupBy switch
                {
                    InsightsGroup.Person => row.UserId,
                    InsightsGroup.Trigger => row.TriggerKind.ToString(),
                    _ => row.WorkflowId,
                }
            );
            Totals.Add(row);
            Points[IndexOf(row)].Add(row);
            group.Sum.Add(row);
            group.Counts[IndexOf(row)] += row.Runs;
        }
    }

    private async Task AddCallsAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var versions = VersionsOf(db);
        var rows = InRange(db.CallRollups)
            .Where(row =>
                (_filter.WorkflowId == null || row.WorkflowId == _filter.WorkflowId)
                && (_filter.ModelProfileId == null || row.ModelProfileId == _filter.ModelProfileId)
                && (versions == null || versions.Contains(row.PromptVersionId))
            );
        if (IsOfRuns)
        {
            rows = rows.Where(row => row.Start >= _range.From);
        }

        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Start < _range.From)
            {
                Previous.Add(row);
                continue;
            }

            Of(Models, row.ModelProfileId).Add(row);
            if (IsOfRuns)
            {
                continue;
            }

            var group = Group(_filter.GroupBy == InsightsGroup.Model ? row.ModelProfileId : row.PromptVersionId);
            Totals.Add(row);
            Points[IndexOf(row)].Add(row);
            group.Sum.Add(row);
            group.Counts[IndexOf(row)] += row.Calls;
        }
    }

    private async Task AddRatingsAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var versions = VersionsOf(db);
        var rows = InRange(db.RatingRollups)
            .Where(row =>
                (_filter.WorkflowId == null || row.WorkflowId == _filter.WorkflowId)
                && (_filter.ModelProfileId == null || row.ModelProfileId == _filter.ModelProfileId)
                && (versions == null || versions.Contains(row.PromptVersionId))
            );
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Start < _range.From)
            {
                Previous.Add(row);
                continue;
            }

            Totals.Add(row);
            Points[IndexOf(row)].Add(row);
            Of(Versions, row.PromptVersionId).Add(row);
            var key = _filter.GroupBy switch
            {
                InsightsGroup.Workflow => row.WorkflowId,
                InsightsGroup.Model => row.ModelProfileId,
                InsightsGroup.PromptVersion => row.PromptVersionId,
                _ => null,
            };
            if (key is not null && Groups.TryGetValue(key, out var group))
            {
                group.Sum.Add(row);
            }
        }
    }

    /// <summary>Of the range, and of the one before it if that is asked for.</summary>
    private IQueryable<TRow> InRange<TRow>(IQueryable<TRow> rows)
        where TRow : RollupRow
    {
        var span = _range.Unit == InsightsUnit.Hour ? RollupSpan.Hour : RollupSpan.Day;
        var from = _filter.Compare ? _range.From - (_range.To - _range.From) : _range.From;
        return rows.AsNoTracking().Where(row => row.Span == span && row.Start >= from && row.Start < _range.To);
    }

    private IQueryable<string>? VersionsOf(PromptPilotDbContext db) =>
        _filter.PromptId is { } promptId
            ? db.PromptVersions.Where(version => version.PromptId == promptId).Select(version => version.Id)
            : null;

    private int IndexOf(RollupRow row) => (int)((row.Start - _range.From) / _range.Step);

    private (FigureSum Sum, long[] Counts) Group(string key)
    {
        if (!Groups.TryGetValue(key, out var group))
        {
            Groups.Add(key, group = (new FigureSum(), new long[_range.Count]));
        }

        return group;
    }

    private static FigureSum Of(Dictionary<string, FigureSum> sums, string key)
    {
        if (!sums.TryGetValue(key, out var sum))
        {
            sums.Add(key, sum = new FigureSum());
        }

        return sum;
    }
}
