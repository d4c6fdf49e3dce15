using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>Adds the schedule of a sample, paused: samples must not run and cause cost unless someone turns them on.</summary>
public sealed class SampleSchedules(Operations operations, TimeProvider time)
{
    /// <param name="sample">Name of the workflow's sample.</param>
    /// <returns>Done, even if the sample has no schedule.</returns>
    internal async Task<Result<Done>> AddAsync(Actor actor, string workflowId, string sample, CancellationToken cancellationToken) =>
        SampleWorkflows.ScheduleOf(sample) is not { } schedule
            ? default(Done)
            : await operations.WriteAsync<Done>(
                actor,
                Permission.Write,
                async (db, _) =>
                {
                    if (!await db.Workflows.AnyAsync(workflow => workflow.Id == workflowId, cancellationToken))
                    {
                        return Problem.NotFound("workflow");
                    }

                    db.Triggers.Add(
                        new Trigger
                        {
                            WorkflowId = workflowId,
                            Type = TriggerType.Scheduled,
                            Enabled = false,
                            Schedule = schedule,
                            CreatedAt = time.GetUtcNow().UtcDateTime,
                        }
                    );
                    await db.SaveChangesAsync(cancellationToken);
                    return default(Done);
                },
                cancellationToken
            );
}
