using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments;

/// <summary>Starts, cancels, repeats and deletes experiments. The runner does the calls.</summary>
public sealed class ExperimentService(
    Operations operations,
    ExperimentRules rules,
    ExperimentForecast forecast,
    ExperimentSignal signal,
    TimeProvider time
)
{
    /// <summary>What an experiment would do, and the most it could cost.</summary>
    public Task<Result<ExperimentPreview>> PreviewAsync(Actor actor, ExperimentRequest request, CancellationToken cancellationToken) =>
        operations.ReadAsync<ExperimentPreview>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var plan = await rules.PlanAsync(db, principal, request, cancellationToken);
                return plan.IsOk ? await forecast.PreviewAsync(db, plan.Value, request, cancellationToken) : plan.Problem;
            },
            cancellationToken
        );

    /// <summary>Starts an experiment. Its checks, cases and drafts are stored as they are now.</summary>
    /// <returns>The id; the problems of the request at their fields; KeyReused when the idempotency key was used for another
    /// request.</returns>
    public async Task<Result<string>> StartAsync(Actor actor, ExperimentRequest request, CancellationToken cancellationToken)
    {
        if (IdempotencyKey.Problem(request.IdempotencyKey) is { } unusable)
        {
            return unusable;
        }

        var hash = StartKey.HashOf(request with { IdempotencyKey = null });
        if (request.IdempotencyKey is not null)
        {
            var earlier = await operations.ReadAsync<string?>(
                actor,
                Permission.Write,
                (db, principal) => StartKey.Of(actor, principal, request.IdempotencyKey, hash).FindAsync(db, cancellationToken),
                cancellationToken
            );
            if (!earlier.IsOk || earlier.Value is not null)
            {
                return earlier.Map(id => id!);
            }
        }

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
                var key = StartKey.Of(actor, principal, request.IdempotencyKey, hash);
                var first = await key.FindAsync(db, cancellationToken);
                if (!first.IsOk || first.Value is not null)
                {
                    return first.Map(id => id!);
                }

                var added = await ExperimentStart.AddAsync(db, principal, request, plan, time.GetUtcNow().UtcDateTime, cancellationToken);
                if (!added.IsOk)
                {
                    return added.Problem;
                }

                key.Mark(added.Value);
                await db.SaveChangesAsync(cancellationToken);
                return added.Value.Id;
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
                    return experiment is null
                        ? Problem.NotFound("experiment")
                        : Problem.Conflict("This experiment is still running. Wait for it to finish, or cancel it.");
                }

                var cells = await db
                    .ExperimentCells.Where(cell =>
                        cell.ExperimentId == experimentId && (cell.Status == CellStatus.Error || cell.Status == CellStatus.Waiting)
                    )
                    .ToListAsync(cancellationToken);
                if (cells.Count == 0)
                {
                    return Problem.Conflict("Every call of this experiment has an output, so there is nothing to rerun.");
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

    /// <summary>Deletes an experiment's results. Its runs go with the test set; those of a batch at once, with its rows.</summary>
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

                var batch = await db
                    .TestSets.IgnoreQueryFilters()
                    .SingleOrDefaultAsync(set => set.Id == experiment.TestSetId && set.IsBatch, cancellationToken);
                if (batch is not null)
                {
                    return await TestSetRemoval.RemoveAsync(db, batch, time.GetUtcNow().UtcDateTime, cancellationToken) is { } problem
                        ? problem
                        : default(Done);
                }

                db.Experiments.Remove(experiment);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
}
