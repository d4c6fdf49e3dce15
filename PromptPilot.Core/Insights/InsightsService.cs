using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Insights;

/// <summary>
/// Metrics of runs, calls and ratings over time, from rollups. Everyone sees counts and ratings; only admins see the cost of one person's
/// runs.
/// </summary>
public sealed class InsightsService(Operations operations, RollupWorker worker, TimeProvider time)
{
    /// <summary>The most rows in a report, models in its cost chart and versions in its rating chart.</summary>
    public const int MaxRows = 500;

    private const int MostRated = 12;

    /// <summary>The metrics of a range.</summary>
    public Task<Result<InsightsReport>> FindAsync(Actor actor, InsightsFilter filter, CancellationToken cancellationToken) =>
        operations.ReadAsync<InsightsReport>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                if (Check(filter) is { } problem)
                {
                    return problem;
                }

                var range = InsightsRange.Of(filter, time.GetUtcNow().UtcDateTime);
                return range.IsOk ? await ReadAsync(db, filter, range.Value, principal.Role, cancellationToken) : range.Problem;
            },
            cancellationToken
        );

    /// <summary>One of the tables of a range, as CSV.</summary>
    public async Task<Result<InsightsFile>> ExportAsync(
        Actor actor,
        InsightsFilter filter,
        InsightsTable table,
        CancellationToken cancellationToken
    )
    {
        var report = await FindAsync(actor, filter, cancellationToken);
        return report.Map(found => new InsightsFile(
            $"insights-{found.From:yyyyMMdd}-{found.To:yyyyMMdd}.csv",
            table == InsightsTable.Groups ? InsightsCsv.Groups(found) : InsightsCsv.Series(found)
        ));
    }

    /// <summary>
    /// Rebuilds all rollups in the background, for when metrics look wrong. The rollups of deleted runs, calls and ratings are kept.
    /// </summary>
    public async Task<Result<Done>> RebuildAsync(Actor actor, CancellationToken cancellationToken)
    {
        var done = await operations.ExclusiveAsync<Done>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                await RollupWorker.ResetAsync(db, cancellationToken);
                db.AuditEntries.Add(AuditEntry.Of(AuditAction.Changed, AuditCatalog.Insights, null, "rebuilt"));
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
        worker.Wake();
        return done;
    }

    private static Problem? Check(InsightsFilter filter)
    {
        var isOfRuns = InsightsSums.OfRuns(filter.GroupBy);
        return isOfRuns && (filter.PromptId ?? filter.ModelProfileId) is not null
                ? Problem.AtField("groupBy", "To filter by prompt or model, group by prompt version or model.")
            : !isOfRuns && (filter.PersonId is not null || filter.Trigger is not null)
                ? Problem.AtField("groupBy", "To filter by person or trigger, group by workflow, person or trigger.")
            : null;
    }

    private static async Task<Result<InsightsReport>> ReadAsync(
        PromptPilotDbContext db,
        InsightsFilter filter,
        InsightsRange range,
        Role role,
        CancellationToken cancellationToken
    )
    {
        var isAdmin = Access.Allows(role, Permission.Admin);
        var showCost = isAdmin || filter.PersonId is null;
        var sums = await InsightsSums.ReadAsync(db, filter, range, cancellationToken);
        var groups = sums.Groups.OrderByDescending(group => group.Value.Sum.Count).Take(MaxRows).ToList();
        var rated = sums.Versions.OrderByDescending(version => version.Value.Ratings).Take(MostRated).ToList();
        var names = await InsightsNames.FindAsync(
            db,
            filter.GroupBy,
            groups.ConvertAll(group => group.Key),
            [.. rated.Select(version => version.Key)],
            [.. sums.Models.Keys],
            cancellationToken
        );
        return new InsightsReport(
            range.From,
            range.To,
            range.Unit,
            filter.GroupBy,
            sums.Figures(sums.Totals, showCost),
            filter.Compare ? sums.Figures(sums.Previous, showCost) : null,
            [.. sums.Points.Select((sum, i) => new InsightsPoint(range.Start(i), sums.Figures(sum, showCost)))],
            [
                .. groups.Select(group =>
                {
                    var name = names.Row(group.Key);
                    return new InsightsRow(
                        group.Key,
                        name.Text,
                        name.PromptId,
                        name.IsDeleted,
                        sums.Figures(group.Value.Sum, showCost && (isAdmin || filter.GroupBy != InsightsGroup.Person)),
                        group.Value.Counts
                    );
                }),
            ],
            [
                .. sums
                    .Models.OrderByDescending(model => model.Value.Cost)
                    .ThenByDescending(model => model.Value.Count)
                    .Take(MaxRows)
                    .Select(model => new ModelCost(
                        model.Key,
                        names.Profile(model.Key).Text,
                        model.Value.Count,
                        Money.ToUsd(model.Value.Cost)
                    )),
            ],
            [
                .. rated.Select(version =>
                {
                    var (name, sum) = (names.Version(version.Key), version.Value);
                    return new VersionRating(
                        version.Key,
                        name.PromptId,
                        name.Text,
                        sum.Ratings,
                        sum.Mean,
                        Math.Max(1, sum.Mean - sum.RatingMargin),
                        Math.Min(5, sum.Mean + sum.RatingMargin),
                        sum.Ratings < RatingSummaryService.Enough
                    );
                }),
            ],
            await RollupWorker.FindDoneAsync(db, cancellationToken)
        );
    }
}
