using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>
/// Runs a workflow over the rows of a file. That is an experiment with one variant and no checks: it is cancelled, resumed, exported and
/// deleted as one.
/// </summary>
public sealed class BatchService(
    Operations operations,
    BatchPlans plans,
    ExperimentForecast forecast,
    ExperimentSignal signal,
    TimeProvider time
)
{
    /// <summary>What a batch would do: columns, the first rows with what is wrong, cost and time.</summary>
    public Task<Result<BatchPreview>> PreviewAsync(Actor actor, BatchRequest request, CancellationToken cancellationToken) =>
        operations.ReadAsync<BatchPreview>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var planned = await plans.PlanAsync(db, principal, request, cancellationToken);
                return !planned.IsOk ? planned.Problem
                    : planned.Value.Plan is { } plan
                        ? planned.Value.Preview with
                        {
                            Preview = await forecast.PreviewAsync(db, plan, planned.Value.Request, cancellationToken),
                        }
                    : planned.Value.Preview;
            },
            cancellationToken
        );

    /// <summary>Starts a batch.</summary>
    /// <returns>The id of the experiment; what is wrong with which row at <c>rows[NUMBER].INPUT</c>; KeyReused when the idempotency key
    /// was used for another request; Conflict while the same rows are running, from another tab or page.</returns>
    public async Task<Result<string>> StartAsync(Actor actor, BatchRequest request, CancellationToken cancellationToken)
    {
        if (IdempotencyKey.Problem(request.IdempotencyKey) is { } unusable)
        {
            return unusable;
        }

        var hash = StartKey.HashOf(request with { IdempotencyKey = null, Name = "" });

        // Planned before the gate is taken: reading thousands of rows takes its time.
        var planned = await operations.ReadAsync<(string? Earlier, PlannedBatch? Batch)>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var earlier = await EarlierAsync(db, StartKey.Of(actor, principal, request.IdempotencyKey, hash), cancellationToken);
                if (!earlier.IsOk || earlier.Value is not null)
                {
                    return earlier.Map(id => (id, (PlannedBatch?)null));
                }

                var batch = await plans.PlanAsync(db, principal, request, cancellationToken);
                return batch.Map(value => ((string?)null, (PlannedBatch?)value));
            },
            cancellationToken
        );
        if (!planned.IsOk)
        {
            return planned.Problem;
        }

        if (planned.Value.Batch is not { } batch)
        {
            return planned.Value.Earlier!;
        }

        if (batch.Plan is not { } plan)
        {
            return Problem.Invalid("Nothing was started because the file has errors.", batch.Preview.Errors);
        }

        var started = await operations.ExclusiveAsync<string>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var key = StartKey.Of(actor, principal, request.IdempotencyKey, hash);
                var earlier = await EarlierAsync(db, key, cancellationToken);
                if (!earlier.IsOk || earlier.Value is not null)
                {
                    return earlier.Map(id => id!);
                }

                var now = time.GetUtcNow().UtcDateTime;
                (plan.Set.CreatedBy, plan.Set.CreatedAt, plan.Set.UpdatedAt) = (principal.UserId, now, now);
                db.TestSets.Add(plan.Set);
                await db.SaveChangesAsync(cancellationToken);
                var added = await ExperimentStart.AddAsync(db, principal, batch.Request, plan, now, cancellationToken);
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

    /// <summary>The batch that was started under the key; a conflict while the same rows are running without it.</summary>
    private static async Task<Result<string?>> EarlierAsync(PromptPilotDbContext db, StartKey key, CancellationToken cancellationToken)
    {
        var earlier = await key.FindAsync(db, cancellationToken);
        if (!earlier.IsOk || earlier.Value is not null)
        {
            return earlier;
        }

        var running = await db.Experiments.AnyAsync(
            experiment => experiment.Status == ExperimentStatus.Running && experiment.IdempotencyHash == key.Hash,
            cancellationToken
        );
        return running
            ? Problem.Conflict("A batch of the same rows is already running. Wait for it to end, or cancel it to start it again.")
            : earlier;
    }
}
