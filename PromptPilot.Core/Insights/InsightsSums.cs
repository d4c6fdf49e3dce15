using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Core.Insights;

/// <summary>The sums of a range, read from the rollups: in total, over time and by group.</summary>
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

    /// <summary>Sums by the id of the group.</summary>
    public Dictionary<string, (FigureSum Sum, long[] Counts)> Groups { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FigureSum> Models { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FigureSum> Versions { get; } = new(StringComparer.Ordinal);

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
        await AddAsync(db, lines, cancellationToken);
    }

    private async Task AddCallsAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        if (IsOfRuns)
        {
            foreach (var part in _range.Parts())
            {
                await AddCostsAsync(db, part, cancellationToken);
            }

            return;
        }

        var key = _filter.GroupBy == InsightsGroup.Model ? nameof(CallRollup.ModelProfileId) : nameof(CallRollup.PromptVersionId);
        var lines = new RollupLines(nameof(db.CallRollups), nameof(CallRollup.Calls), key)
            .Where(nameof(CallRollup.WorkflowId), _filter.WorkflowId)
            .Where(nameof(CallRollup.ModelProfileId), _filter.ModelProfileId)
            .WherePrompt(nameof(CallRollup.PromptVersionId), _filter.PromptId);
        await AddAsync(db, lines, cancellationToken);
    }

    private async Task AddCostsAsync(PromptPilotDbContext db, RollupPart part, CancellationToken cancellationToken)
    {
        var costs = In(part, db.CallRollups)
            .Where(row => _filter.WorkflowId == null || row.WorkflowId == _filter.WorkflowId)
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
    }

    private async Task AddAsync(PromptPilotDbContext db, RollupLines lines, CancellationToken cancellationToken)
    {
        foreach (var part in _range.Parts())
        {
            await AddPartAsync(part, lines.Read(db, part), cancellationToken);
        }

        foreach (var part in PreviousParts())
        {
            await foreach (var line in lines.Read(db, part).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Previous.Add(line);
            }
        }
    }

    private async Task AddPartAsync(RollupPart part, IQueryable<RollupLine> lines, CancellationToken cancellationToken)
    {
        var points = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var start = part.From; start < part.To; start += part.Span.Length())
        {
            points.Add(RollupLines.Text(start), _range.IndexOf(start));
        }

        await foreach (var line in lines.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var (index, group) = (points[line.Start], Group(line.Key));
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
        foreach (var part in _range.Parts())
        {
            await foreach (var row in RatingsOf(db, part).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Add(row);
            }
        }

        foreach (var part in PreviousParts())
        {
            await foreach (var row in RatingsOf(db, part).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Previous.Add(row);
            }
        }
    }

    private void Add(RatingRollup row)
    {
        Totals.Add(row);
        Points[_range.IndexOf(row.Start)].Add(row);
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

    private IQueryable<RatingRollup> RatingsOf(PromptPilotDbContext db, RollupPart part)
    {
        var versions = _filter.PromptId is { } promptId
            ? db.PromptVersions.Where(version => version.PromptId == promptId).Select(version => version.Id)
            : null;
        return In(part, db.RatingRollups)
            .Where(row =>
                (_filter.WorkflowId == null || row.WorkflowId == _filter.WorkflowId)
                && (_filter.ModelProfileId == null || row.ModelProfileId == _filter.ModelProfileId)
                && (versions == null || versions.Contains(row.PromptVersionId))
            );
    }

    private IEnumerable<RollupPart> PreviousParts() => _filter.Compare ? _range.Previous.Parts() : [];

    private static IQueryable<TRow> In<TRow>(RollupPart part, IQueryable<TRow> rows)
        where TRow : RollupRow => rows.AsNoTracking().Where(row => row.Span == part.Span && row.Start >= part.From && row.Start < part.To);

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
