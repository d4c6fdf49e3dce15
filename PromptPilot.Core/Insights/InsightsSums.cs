using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Core.Insights;

/// <summary>The sums of a range, read from the rollups: in total, over time and by group.</summary>
internal sealed class InsightsSums
{
    private readonly InsightsFilter _filter;
    private readonly InsightsRange _range;

    /// <summary>The point that a stored time belongs to; none before the range.</summary>
    private readonly Dictionary<string, int> _index;

    private InsightsSums(InsightsFilter filter, InsightsRange range)
    {
        (_filter, _range) = (filter, range);
        Points = [.. Enumerable.Range(0, range.Count).Select(_ => new FigureSum())];
        _index = Enumerable
            .Range(0, range.Count)
            .ToDictionary(i => RollupLines.Text(range.From + (i * range.Step)), StringComparer.Ordinal);
    }

    public FigureSum Totals { get; } = new();

    public FigureSum Previous { get; } = new();

    public IReadOnlyList<FigureSum> Points { get; }

    /// <summary>Sums by the id of the group.</summary>
    public Dictionary<string, (FigureSum Sum, long[] Counts)> Groups { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FigureSum> Models { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FigureSum> Versions { get; } = new(StringComparer.Ordinal);

    private RollupSpan Span => _range.Unit == InsightsUnit.Hour ? RollupSpan.Hour : RollupSpan.Day;

    /// <summary>The start of the range, or of the previous one if it is requested.</summary>
    private DateTime First => _filter.Compare ? _range.From - (_range.To - _range.From) : _range.From;

    /// <summary>True for groups of runs, false for groups of calls.</summary>
    private bool IsOfRuns => OfRuns(_filter.GroupBy);

    /// <summary>Calls and ratings do not record who or what started their run.</summary>
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
        var key = _filter.GroupBy switch
        {
            InsightsGroup.Person => nameof(RunRollup.UserId),
            InsightsGroup.Trigger => nameof(RunRollup.TriggerKind),
            _ => nameof(RunRollup.WorkflowId),
        };
        var lines = new RollupLines(nameof(db.RunRollups), nameof(RunRollup.Runs), key)
            .Where(nameof(RunRollup.WorkflowId), _filter.WorkflowId)
            .Where(nameof(RunRollup.UserId), _filter.PersonId)
            .Where(nameof(RunRollup.TriggerKind), _filter.Trigger?.ToString());
        await AddAsync(lines.Read(db, Span, First, _range.To), cancellationToken);
    }

    private async Task AddCallsAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        if (IsOfRuns)
        {
            var costs = InRange(db.CallRollups)
                .Where(row => row.Start >= _range.From && (_filter.WorkflowId == null || row.WorkflowId == _filter.WorkflowId))
                .GroupBy(row => row.ModelProfileId)
                .Select(group => new
                {
                    group.Key,
                    Calls = group.Sum(row => row.Calls),
                    Cost = group.Sum(row => row.Cost),
                });
            await foreach (var cost in costs.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Of(Models, cost.Key).Add(cost.Calls, cost.Cost);
            }

            return;
        }

        var key = _filter.GroupBy == InsightsGroup.Model ? nameof(CallRollup.ModelProfileId) : nameof(CallRollup.PromptVersionId);
        var lines = new RollupLines(nameof(db.CallRollups), nameof(CallRollup.Calls), key)
            .Where(nameof(CallRollup.WorkflowId), _filter.WorkflowId)
            .Where(nameof(CallRollup.ModelProfileId), _filter.ModelProfileId)
            .WherePrompt(nameof(CallRollup.PromptVersionId), _filter.PromptId);
        await AddAsync(lines.Read(db, Span, First, _range.To), cancellationToken);
    }

    private async Task AddAsync(IQueryable<RollupLine> lines, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (!_index.TryGetValue(line.Start, out var index))
            {
                Previous.Add(line);
                continue;
            }

            var group = Group(line.Key);
            Totals.Add(line);
            Points[index].Add(line);
            group.Sum.Add(line);
            group.Counts[index] += line.Count;
            if (!IsOfRuns)
            {
                Of(Models, line.ModelProfileId!).Add(line.Count, line.Cost);
            }
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

    private IQueryable<TRow> InRange<TRow>(IQueryable<TRow> rows)
        where TRow : RollupRow
    {
        var (span, first) = (Span, First);
        return rows.AsNoTracking().Where(row => row.Span == span && row.Start >= first && row.Start < _range.To);
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
