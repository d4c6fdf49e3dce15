using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows.Editing;

/// <summary>Reads what the last run of a workflow had, for those who edit it.</summary>
public sealed class LastRunService(Operations operations)
{
    /// <summary>
    /// The values of the newest run that succeeded, a whole try of the draft too, bounded; <see cref="LastRunValues.None"/> when there is
    /// none.
    /// </summary>
    public Task<Result<LastRunValues>> FindAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<LastRunValues>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var run = await db
                    .WorkflowRuns.AsNoTracking()
                    .Where(r => r.WorkflowId == workflowId && r.Status == RunStatus.Succeeded && r.OnlyStep == null)
                    .OrderByDescending(r => r.QueuedAt)
                    .Select(r => new
                    {
                        r.Id,
                        r.QueuedAt,
                        r.StartedAt,
                        r.Inputs,
                        r.Outputs,
                        r.TriggerPayload,
                    })
                    .FirstOrDefaultAsync(cancellationToken);
                if (run is null)
                {
                    return LastRunValues.None;
                }

                var values = new Dictionary<string, JsonElement>(run.Inputs)
                {
                    ["run"] = JsonSerializer.SerializeToElement(
                        new { id = run.Id, startedAt = run.StartedAt ?? run.QueuedAt },
                        AppJson.Options
                    ),
                };
                if (run.TriggerPayload is { } payload)
                {
                    values["trigger"] = JsonText.ReadStored(payload);
                }

                foreach (var (key, value) in run.Outputs ?? [])
                {
                    values[key] = value;
                }

                return new LastRunValues(run.Id, run.QueuedAt, values);
            },
            cancellationToken
        );
}
