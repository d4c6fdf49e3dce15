using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows.Editing;

/// <summary>Reads what the last run of a workflow had, for those who edit it.</summary>
public sealed class LastRunService(Operations operations)
{
    /// <summary>For a run with more attempts, the last ones are used.</summary>
    private const int MostLogs = 5000;

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

                var logs = await db
                    .ExecutionLogs.AsNoTracking()
                    .Where(log => log.RunId == run.Id && log.StepId != null)
                    .OrderByDescending(log => log.Timestamp)
                    .Select(log => new
                    {
                        StepId = log.StepId!,
                        log.Timestamp,
                        log.DurationMs,
                        log.Cost,
                    })
                    .Take(MostLogs)
                    .ToListAsync(cancellationToken);
                return new LastRunValues(run.Id, run.QueuedAt, values)
                {
                    Figures = logs.GroupBy(log => log.StepId)
                        .ToDictionary(
                            step => step.Key,
                            step => new StepFigures(
                                (long)
                                    (
                                        step.Max(log => log.Timestamp.AddMilliseconds(log.DurationMs)) - step.Min(log => log.Timestamp)
                                    ).TotalMilliseconds,
                                step.Sum(log => log.Cost)
                            )
                        ),
                };
            },
            cancellationToken
        );
}
