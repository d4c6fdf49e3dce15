using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
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

        if (request.IdempotencyKey is not null)
        {
            var earlier = await operations.ReadAsync<string?>(
                actor,
                Permission.Write,
                (db, principal) => EarlierAsync(db, actor, principal, request, cancellationToken),
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
                var first = await EarlierAsync(db, actor, principal, request, cancellationToken);
                if (!first.IsOk || first.Value is not null)
                {
                    return first.Map(id => id!);
                }

                var added = await ExperimentStart.AddAsync(db, principal, request, plan, time.GetUtcNow().UtcDateTime, cancellationToken);
                if (!added.IsOk)
                {
                    return added.Problem;
                }

                if (request.IdempotencyKey is { } key)
                {
                    (added.Value.IdempotencyActor, added.Value.IdempotencyKey) = (SenderOf(actor, principal), key);
                    added.Value.IdempotencyHash = HashOf(request);
                }

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

    /// <summary>The experiment that was started under the same key; null: none.</summary>
    private static async Task<Result<string?>> EarlierAsync(
        PromptPilotDbContext db,
        Actor actor,
        Principal principal,
        ExperimentRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.IdempotencyKey is not { } key)
        {
            return (string?)null!;
        }

        var sender = SenderOf(actor, principal);
        var earlier = await db
            .Experiments.AsNoTracking()
            .Where(e => e.IdempotencyActor == sender && e.IdempotencyKey == key)
            .Select(e => new { e.Id, e.IdempotencyHash })
            .SingleOrDefaultAsync(cancellationToken);
        return earlier is null ? (string?)null!
            : earlier.IdempotencyHash == HashOf(request) ? earlier.Id
            : IdempotencyKey.Reused;
    }

    /// <summary>Whose a key is: of an API key's own, or of the person.</summary>
    private static string? SenderOf(Actor actor, Principal principal) =>
        actor is Actor.KeyHolder holder ? holder.ApiKeyId : principal.UserId;

    private static string HashOf(ExperimentRequest request) =>
        Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request with { IdempotencyKey = null }, AppJson.Options))
        );
}
