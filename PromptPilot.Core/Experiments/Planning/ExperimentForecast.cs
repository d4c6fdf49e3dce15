using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Experiments.Planning;

/// <summary>What is left of budgets before an experiment, and how long it will take.</summary>
public sealed class ExperimentForecast(
    ModelProfiles profiles,
    BudgetBalances balances,
    IOptions<RunsOptions> runs,
    IOptions<ExperimentsOptions> options
)
{
    /// <summary>How many of a profile's newest calls say how long one takes.</summary>
    private const int CallsRead = 50;

    internal async Task<ExperimentPreview> PreviewAsync(
        PromptPilotDbContext db,
        PlannedExperiment plan,
        ExperimentRequest request,
        CancellationToken cancellationToken
    )
    {
        var reused = request.Reuse ? (await ReusableCells.FindAsync(db, plan, request.Repetitions, cancellationToken)).Keys.ToList() : [];
        var calls = plan.Calls ?? plan.Variants.Count * plan.Cases.Count;
        return new ExperimentPreview(
            (calls * request.Repetitions) - reused.Count,
            Money.ToUsd(plan.CostBound(request.Repetitions, reused)),
            plan.Unrendered,
            reused.Count,
            await FindBudgetAsync(plan, cancellationToken),
            await FindSecondsAsync(db, plan, request.Repetitions, reused, cancellationToken)
        );
    }

    /// <summary>The budget that ends first; null when none applies.</summary>
    private Task<BudgetBalance?> FindBudgetAsync(PlannedExperiment plan, CancellationToken cancellationToken) =>
        balances.FindLeastAsync(
            plan.Variants.SelectMany(variant => variant.Profiles).Concat(plan.Judges.Select(judge => judge.ModelProfileId)),
            plan.Set.WorkflowId,
            cancellationToken
        );

    /// <summary>
    /// How long it takes in seconds, by the newest calls of its profiles, if experiments have their whole share; null when a profile has
    /// made no call yet.
    /// </summary>
    private async Task<double?> FindSecondsAsync(
        PromptPilotDbContext db,
        PlannedExperiment plan,
        int repetitions,
        IReadOnlyCollection<CallPlace> reused,
        CancellationToken cancellationToken
    )
    {
        var means = new Dictionary<string, double?>(StringComparer.Ordinal);
        var atOnce = options.Value.ShareOf(runs.Value.MaxConcurrentRuns);
        var seconds = (double?)0;
        for (var i = 0; i < plan.Variants.Count; i++)
        {
            var cells = (plan.Cases.Count * repetitions) - reused.Count(place => place.Variant == i);
            var ofVariant = plan.Definitions is { } definitions
                ? definitions[i].Steps.Select(step => step.Model)
                : plan.Variants[i].Profiles;
            foreach (var id in ofVariant.Concat(plan.Judges.Select(judge => judge.ModelProfileId)))
            {
                if (!means.TryGetValue(id, out var mean))
                {
                    means[id] = mean = await MeanAsync(db, id, cancellationToken);
                }

                seconds += mean * cells;
            }

            foreach (var id in plan.Variants[i].Profiles)
            {
                if (await profiles.FindAsync(id, cancellationToken) is { Limits.ConcurrentCalls: { } most })
                {
                    atOnce = Math.Min(atOnce, options.Value.ShareOf(most));
                }
            }
        }

        var rows = plan.Cases.Count * plan.Variants.Count * repetitions;
        return seconds / Math.Max(1, Math.Min(atOnce, rows));
    }

    /// <summary>In seconds.</summary>
    private static async Task<double?> MeanAsync(PromptPilotDbContext db, string profileId, CancellationToken cancellationToken)
    {
        var newest = await db
            .ExecutionLogs.Where(log => log.ModelProfileId == profileId && log.Status == ExecutionStatus.Success)
            .OrderByDescending(log => log.Timestamp)
            .Take(CallsRead)
            .Select(log => log.DurationMs)
            .ToListAsync(cancellationToken);
        return newest.Count == 0 ? null : newest.Average() / 1000;
    }
}
