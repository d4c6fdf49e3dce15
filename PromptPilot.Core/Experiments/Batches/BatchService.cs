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
    /// <returns>The id of the experiment; what is wrong with which row at <c>rows[NUMBER].INPUT</c>.</returns>
    public async Task<Result<string>> StartAsync(Actor actor, BatchRequest request, CancellationToken cancellationToken)
    {
        // Planned before the gate is taken: reading thousands of rows takes its time.
        var planned = await operations.ReadAsync(
            actor,
            Permission.Write,
            (db, principal) => plans.PlanAsync(db, principal, request, cancellationToken),
            cancellationToken
        );
        if (!planned.IsOk)
        {
            return planned.Problem;
        }

        if (planned.Value.Plan is not { } plan)
        {
            return Problem.Invalid("Nothing was started because the file has errors.", planned.Value.Preview.Errors);
        }

        var started = await operations.ExclusiveAsync<string>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                (plan.Set.CreatedBy, plan.Set.CreatedAt, plan.Set.UpdatedAt) = (principal.UserId, now, now);
                db.TestSets.Add(plan.Set);
                await db.SaveChangesAsync(cancellationToken);
                var added = await ExperimentStart.AddAsync(db, principal, planned.Value.Request, plan, now, cancellationToken);
                if (!added.IsOk)
                {
                    return added.Problem;
                }

                await db.SaveChangesAsync(cancellationToken);
                return added.Value.Id;
            },
            cancellationToken
        );
        signal.Raise();
        return started;
    }
}
