using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>Writes a planned experiment with all its cells.</summary>
internal static class ExperimentStart
{
    /// <summary>Adds the rows, in the caller's transaction. Saves nothing itself; the caller raises the signal after the commit.</summary>
    /// <returns>Stale if the set has changed since it was planned.</returns>
    public static async Task<Result<Experiment>> AddAsync(
        PromptPilotDbContext db,
        Principal principal,
        ExperimentRequest request,
        PlannedExperiment plan,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        if (!await db.TestSets.IgnoreQueryFilters().AnyAsync(s => s.Id == plan.Set.Id && s.Version == plan.Set.Version, cancellationToken))
        {
            return Problem.Stale("test set");
        }

        await EnsureWorkflowAsync(db, plan.Set, now, cancellationToken);
        await DraftVersions.AddAsync(db, plan.Drafts, cancellationToken);
        var reused = request.Reuse
            ? await ReusableCells.FindAsync(db, plan, request.Repetitions, cancellationToken)
            : new Dictionary<CallPlace, ExperimentCell>();
        var experiment = new Experiment
        {
            Name = NameOf(request, plan),
            TestSetId = plan.Set.Id,
            TestSetVersionId = (await TestSetVersions.FreezeAsync(db, plan.Set, plan.Cases, plan.Columns, now, cancellationToken)).Id,
            Variants = [.. plan.Variants],
            Definitions = plan.Definitions is null ? null : [.. plan.Definitions],
            Judges = [.. plan.Judges],
            Repetitions = request.Repetitions,
            CostBound = plan.CostBound(request.Repetitions, reused.Keys),
            StartedBy = principal.UserId,
            CreatedAt = now,
        };
        db.Experiments.Add(experiment);
        db.ExperimentCells.AddRange(Cells(experiment, plan, reused));
        return experiment;
    }

    /// <summary>The workflow to which the runs of a set's experiments belong.</summary>
    private static async Task EnsureWorkflowAsync(PromptPilotDbContext db, TestSet set, DateTime now, CancellationToken cancellationToken)
    {
        if (await db.Workflows.IgnoreQueryFilters().AnyAsync(w => w.TestSetId == set.Id, cancellationToken))
        {
            return;
        }

        db.Workflows.Add(
            new Workflow
            {
                Name = $"Experiments of {set.Name}",
                TestSetId = set.Id,
                BudgetOf = set.WorkflowId,
                Status = WorkflowStatus.Draft,
                CreatedAt = now,
                UpdatedAt = now,
            }
        );
    }

    private static IEnumerable<ExperimentCell> Cells(
        Experiment experiment,
        PlannedExperiment plan,
        Dictionary<CallPlace, ExperimentCell> reused
    )
    {
        var order = 0;
        for (var repetition = 1; repetition <= experiment.Repetitions; repetition++)
        {
            foreach (var test in plan.Cases)
            {
                for (var variant = 0; variant < plan.Variants.Count; variant++)
                {
                    var cell = new ExperimentCell
                    {
                        ExperimentId = experiment.Id,
                        Variant = variant,
                        CaseId = test.Id,
                        Repetition = repetition,
                        Order = order++,
                        Fingerprint = plan.Fingerprints.GetValueOrDefault((variant, test.Id)),
                    };
                    if (reused.TryGetValue(new CallPlace(variant, test.Id, repetition), out var earlier))
                    {
                        ReusableCells.Copy(earlier, cell);
                    }

                    yield return cell;
                }
            }
        }
    }

    private static string NameOf(ExperimentRequest request, PlannedExperiment plan) =>
        request.Name.Trim().Length > 0 ? request.Name.Trim()
        : plan.Definitions is not null || plan.Variants.Select(variant => variant.Title).Distinct().Count() > 1
            ? string.Join(" vs ", plan.Variants.Select(variant => variant.Title).Distinct())
        : string.Join(" vs ", plan.Variants.Select(variant => variant.ProfileName).Distinct());
}
