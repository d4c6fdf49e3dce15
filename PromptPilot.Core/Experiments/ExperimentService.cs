using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>Starts, cancels, repeats and deletes experiments. The runner does the calls.</summary>
public sealed class ExperimentService(Operations operations, ExperimentRules rules, ExperimentSignal signal, TimeProvider time)
{
    /// <summary>What an experiment would do, and the most it could cost.</summary>
    public Task<Result<ExperimentPreview>> PreviewAsync(Actor actor, ExperimentRequest request, CancellationToken cancellationToken) =>
        operations.ReadAsync<ExperimentPreview>(
            actor,
            Permission.Write,
            async (db, principal) =>
                (await rules.PlanAsync(db, principal, request, cancellationToken)).Map(plan => new ExperimentPreview(
                    plan.Variants.Count * plan.Cases.Count * request.Repetitions,
                    Money.ToUsd(plan.CostBound),
                    plan.Unrendered
                )),
            cancellationToken
        );

    /// <summary>Starts an experiment. Its checks and cases are stored as they are now.</summary>
    /// <returns>The id; the problems of the request at their fields.</returns>
    public async Task<Result<string>> StartAsync(Actor actor, ExperimentRequest request, CancellationToken cancellationToken)
    {
        // Planned before the gate is taken: rendering a thousand cases takes its time.
        var planned = await operations.ReadAsync(
            actor,
            Permission.Write,
            (db, principal) => rules.PlanAsync(db, principal, request, cancellationToken),
            cancellationToken
        );
        if (!planned.IsOk)
        {
            return planned.Problem;
        }

        var plan = planned.Value;
        var started = await operations.ExclusiveAsync<string>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                if (!await db.TestSets.AnyAsync(s => s.Id == plan.Set.Id && s.Version == plan.Set.Version, cancellationToken))
                {
                    return Problem.Stale("test set");
                }

                await EnsureWorkflowAsync(db, plan.Set, cancellationToken);
                var experiment = new Experiment
                {
                    Name = NameOf(request, plan),
                    TestSetId = plan.Set.Id,
                    TestSetVersionId = await FreezeAsync(db, plan, cancellationToken),
                    Variants = [.. plan.Variants],
                    Judges = [.. plan.Judges],
                    Repetitions = request.Repetitions,
                    CostBound = plan.CostBound,
                    StartedBy = principal.UserId,
                    CreatedAt = time.GetUtcNow().UtcDateTime,
                };
                db.Experiments.Add(experiment);
                db.ExperimentCells.AddRange(Cells(experiment, plan));
                await db.SaveChangesAsync(cancellationToken);
                return experiment.Id;
            },
            cancellationToken
        );
        signal.Raise();
        return started;
    }

    /// <summary>Stops an experiment; the runner stops its calls in flight. What has ended stays.</summary>
    /// <returns>Conflict when it has already ended.</returns>
    public async Task<Result<Done>> CancelAsync(Actor actor, string experimentId, CancellationToken cancellationToken)
    {
        var cancelled = await operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var experiment = await db.Experiments.SingleOrDefaultAsync(e => e.Id == experimentId, cancellationToken);
                if (experiment is not { Status: ExperimentStatus.Running })
                {
                    return experiment is null ? Problem.NotFound("experiment") : Problem.Conflict("This experiment has already ended.");
                }

                experiment.Status = ExperimentStatus.Cancelled;
                experiment.FinishedAt = time.GetUtcNow().UtcDateTime;
                experiment.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
        signal.Raise();
        return cancelled;
    }

    /// <summary>Runs what has no output again: errors, and what was not started before a cancellation.</summary>
    /// <returns>Conflict while it runs, or when everything has an output.</returns>
    public async Task<Result<Done>> ResumeAsync(Actor actor, string experimentId, CancellationToken cancellationToken)
    {
        var resumed = await operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var experiment = await db.Experiments.SingleOrDefaultAsync(e => e.Id == experimentId, cancellationToken);
                if (experiment is null or { Status: ExperimentStatus.Running })
                {
                    return experiment is null ? Problem.NotFound("experiment") : Problem.Conflict("This experiment is running.");
                }

                var cells = await db
                    .ExperimentCells.Where(cell =>
                        cell.ExperimentId == experimentId && (cell.Status == CellStatus.Error || cell.Status == CellStatus.Waiting)
                    )
                    .ToListAsync(cancellationToken);
                if (cells.Count == 0)
                {
                    return Problem.Conflict("Every call of this experiment has an output.");
                }

                foreach (var cell in cells.Where(cell => cell.Status == CellStatus.Error))
                {
                    (cell.Status, cell.RunId, cell.Message) = (CellStatus.Waiting, null, null);
                    cell.Attempt++;
                }

                (experiment.Status, experiment.FinishedAt) = (ExperimentStatus.Running, null);
                experiment.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
        signal.Raise();
        return resumed;
    }

    /// <summary>Deletes an experiment's results. Its runs go with the test set.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string experimentId, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var experiment = await db.Experiments.SingleOrDefaultAsync(e => e.Id == experimentId, cancellationToken);
                if (experiment is null or { Status: ExperimentStatus.Running })
                {
                    return experiment is null
                        ? Problem.NotFound("experiment")
                        : Problem.Conflict("This experiment is running. Cancel it, then delete it.");
                }

                db.Experiments.Remove(experiment);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>The workflow that the runs of a set's experiments belong to.</summary>
    private async Task EnsureWorkflowAsync(PromptPilotDbContext db, TestSet set, CancellationToken cancellationToken)
    {
        if (await db.Workflows.IgnoreQueryFilters().AnyAsync(w => w.TestSetId == set.Id, cancellationToken))
        {
            return;
        }

        var now = time.GetUtcNow().UtcDateTime;
        db.Workflows.Add(
            new Workflow
            {
                Name = $"Experiments of {set.Name}",
                TestSetId = set.Id,
                Status = WorkflowStatus.Draft,
                CreatedAt = now,
                UpdatedAt = now,
            }
        );
    }

    private async Task<string> FreezeAsync(PromptPilotDbContext db, PlannedExperiment plan, CancellationToken cancellationToken)
    {
        var version = await db.TestSetVersions.SingleOrDefaultAsync(
            v => v.TestSetId == plan.Set.Id && v.Number == plan.Set.Version,
            cancellationToken
        );
        if (version is null)
        {
            version = new TestSetVersion
            {
                TestSetId = plan.Set.Id,
                Number = plan.Set.Version,
                Checks = plan.Set.Checks,
                Cases = [.. plan.Cases],
                CreatedAt = time.GetUtcNow().UtcDateTime,
            };
            db.TestSetVersions.Add(version);
        }

        return version.Id;
    }

    private static IEnumerable<ExperimentCell> Cells(Experiment experiment, PlannedExperiment plan)
    {
        var order = 0;
        for (var repetition = 1; repetition <= experiment.Repetitions; repetition++)
        {
            foreach (var test in plan.Cases)
            {
                for (var variant = 0; variant < plan.Variants.Count; variant++)
                {
                    yield return new ExperimentCell
                    {
                        ExperimentId = experiment.Id,
                        Variant = variant,
                        CaseId = test.Id,
                        Repetition = repetition,
                        Order = order++,
                    };
                }
            }
        }
    }

    private static string NameOf(ExperimentRequest request, PlannedExperiment plan) =>
        request.Name.Trim().Length > 0 ? request.Name.Trim()
        : plan.Variants.Select(variant => variant.PromptVersion).Distinct().Count() > 1
            ? string.Join(" vs ", plan.Variants.Select(variant => variant.PromptVersion).Distinct())
        : string.Join(" vs ", plan.Variants.Select(variant => variant.ProfileName).Distinct());
}
