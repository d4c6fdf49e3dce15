using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Statistics;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Insights.Arms;

/// <summary>Computes the results of a step's A/B test from its newest logs.</summary>
internal static class ArmResults
{
    /// <summary>The fewest calls from which versions are compared.</summary>
    public const int EnoughCalls = 30;

    /// <summary>The most logs of the step that are read, newest first.</summary>
    private const int MostCalls = 20_000;

    private sealed record Call(string VersionId, string Model, ExecutionStatus Status, long Cost, long DurationMs);

    public static async Task<StepArmsResult> ReadAsync(
        PromptPilotDbContext db,
        string workflowId,
        StepDefinition step,
        CancellationToken cancellationToken
    )
    {
        var since = await SinceAsync(db, workflowId, step, cancellationToken);
        var versions = step.Arms!.Select(arm => arm.PromptVersionId).ToList();
        var logs =
            from log in db.ExecutionLogs.AsNoTracking()
            where log.WorkflowId == workflowId && log.Timestamp >= since && log.StepId == step.Id && versions.Contains(log.PromptVersionId)
            join run in db.WorkflowRuns on log.RunId equals run.Id
            where !run.IsDraft
            orderby log.Timestamp descending
            select log;
        var calls = await logs.Take(MostCalls)
            .Select(log => new Call(log.PromptVersionId, log.ModelProfileId, log.Status, log.Cost, log.DurationMs))
            .ToListAsync(cancellationToken);
        var ratings = (
            await logs.Take(MostCalls)
                .Join(
                    db.Feedback,
                    log => log.Id,
                    feedback => feedback.ExecutionId,
                    (log, feedback) =>
                        new
                        {
                            log.PromptVersionId,
                            log.ModelProfileId,
                            feedback.Rating,
                        }
                )
                .ToListAsync(cancellationToken)
        ).ToLookup(rating => (rating.PromptVersionId, rating.ModelProfileId), rating => (double)rating.Rating);
        var modelIds = step.NeededModels().ToList();
        var models = await db
            .ModelProfiles.Where(one => modelIds.Contains(one.Id))
            .ToDictionaryAsync(one => one.Id, one => one.Name, cancellationToken);
        var prompt = await db.Prompts.Where(one => one.Id == step.PromptId).Select(one => one.Name).SingleOrDefaultAsync(cancellationToken);
        var byArm = calls.ToLookup(call => (call.VersionId, call.Model));
        var weights = step.Arms!.Sum(arm => (double)arm.Weight);
        var arms = step.Arms!.Select(arm =>
            {
                var model = arm.Model ?? step.Model;
                var key = (arm.PromptVersionId, model);
                return Result(arm, weights, [.. byArm[key]], [.. ratings[key]]) with
                {
                    Model = model,
                    ModelName = models.GetValueOrDefault(model, "deleted profile"),
                    IsNamedWithModel = modelIds.Count > 1,
                };
            })
            .ToList();
        return new StepArmsResult(
            step.Id,
            step.OutputKey,
            step.PromptId,
            prompt ?? "Deleted prompt",
            step.Options.ArmsBy,
            since,
            Summary(arms),
            arms
        );
    }

    /// <summary>Names the better arm in one sentence if the intervals do not overlap.</summary>
    internal static string Summary(IReadOnlyList<ArmResult> arms)
    {
        if (arms.Any(arm => !arm.HasEnough))
        {
            return $"Not enough data yet: each arm needs {EnoughCalls} calls.";
        }

        if (arms.All(arm => arm.HasEnoughRatings) && Best(arms, arm => -arm.Rating!.Low, arm => -arm.Rating!.High) is { } rated)
        {
            return $"{rated.Name} is rated better than the others.";
        }

        return Best(arms, arm => arm.ErrorRate.High, arm => arm.ErrorRate.Low) is { } safest
            ? $"{safest.Name} fails less often than the others."
            : "No clear difference in rating or errors.";
    }

    /// <summary>The arm whose upper bound is below the lower bounds of all others; null: none.</summary>
    private static ArmResult? Best(IReadOnlyList<ArmResult> arms, Func<ArmResult, double> worst, Func<ArmResult, double> best) =>
        arms.FirstOrDefault(arm => arms.All(other => other == arm || worst(arm) < best(other)));

    private static ArmResult Result(PinnedArm arm, double weights, IReadOnlyList<Call> calls, IReadOnlyList<double> ratings)
    {
        var durations = calls
            .Where(call => call.Status == ExecutionStatus.Success)
            .Select(call => (double)call.DurationMs)
            .Order()
            .ToList();
        var failed = calls.Count - durations.Count;
        var rate = PassRate.Of(failed, calls.Count);
        return new ArmResult(
            arm.PromptVersionId,
            arm.Version,
            arm.Weight / weights,
            calls.Count,
            new ErrorInterval(failed, rate.Rate, rate.Low, rate.High),
            MeanInterval.Of([.. calls.Select(call => (double)Shared.Money.ToUsd(call.Cost))]),
            MeanInterval.Of(durations),
            durations.Count == 0 ? null : (long)durations[(int)Math.Ceiling(durations.Count * 0.95) - 1],
            ratings.Count,
            MeanInterval.Of(ratings),
            calls.Count >= EnoughCalls,
            ratings.Count >= RatingSummaryService.Enough
        );
    }

    /// <summary>
    /// When the step got these arms on these model profiles: the time of the oldest version in an unbroken series that has them.
    /// </summary>
    private static async Task<DateTime> SinceAsync(
        PromptPilotDbContext db,
        string workflowId,
        StepDefinition step,
        CancellationToken cancellationToken
    )
    {
        var since = DateTime.MaxValue;
        var versions = db
            .WorkflowVersions.AsNoTracking()
            .Where(version => version.WorkflowId == workflowId)
            .OrderByDescending(version => version.Number);
        await foreach (var version in versions.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var same = version.Definition.Steps.FirstOrDefault(one => one.Id == step.Id);
            if (
                same?.Arms is not { } arms
                || !arms.SequenceEqual(step.Arms!)
                || same.Options.ArmsBy != step.Options.ArmsBy
                || (same.Model != step.Model && arms.Any(arm => arm.Model is null))
            )
            {
                break;
            }

            since = version.CreatedAt;
        }

        return since;
    }
}
