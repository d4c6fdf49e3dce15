using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows.Editing;

/// <summary>Reads the values of a workflow's last run, for the designer.</summary>
public sealed class LastRunService(Operations operations)
{
    /// <summary>For a run with more attempts, the last ones are used.</summary>
    private const int MostLogs = 5000;

    /// <summary>The number of runs from which median times and costs are computed.</summary>
    private const int MostRuns = 5;

    /// <summary>
    /// The values of the newest successful run, which can be a test run of the whole draft, shortened, with median times and costs;
    /// <see cref="LastRunValues.None"/> without any.
    /// </summary>
    public Task<Result<LastRunValues>> FindAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<LastRunValues>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var newest = db
                    .WorkflowRuns.AsNoTracking()
                    .Where(r => r.WorkflowId == workflowId && r.Status == RunStatus.Succeeded && r.OnlyStep == null)
                    .OrderByDescending(r => r.QueuedAt);
                var run = await newest
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

                var runIds = await newest.Select(r => r.Id).Take(MostRuns).ToListAsync(cancellationToken);
                var logs = await db
                    .ExecutionLogs.AsNoTracking()
                    .Where(log => log.RunId != null && runIds.Contains(log.RunId) && log.StepId != null)
                    .OrderByDescending(log => log.Timestamp)
                    .Select(log => new
                    {
                        log.RunId,
                        StepId = log.StepId!,
                        log.Timestamp,
                        log.DurationMs,
                        log.Cost,
                    })
                    .Take(MostLogs)
                    .ToListAsync(cancellationToken);
                return new LastRunValues(run.Id, run.QueuedAt, values)
                {
                    Figures = logs.GroupBy(log => (log.RunId, log.StepId))
                        .Select(step =>
                            (
                                step.Key.StepId,
                                Figures: new StepFigures(
                                    (long)
                                        (
                                            step.Max(log => log.Timestamp.AddMilliseconds(log.DurationMs)) - step.Min(log => log.Timestamp)
                                        ).TotalMilliseconds,
                                    step.Sum(log => log.Cost)
                                )
                            )
                        )
                        .GroupBy(step => step.StepId, step => step.Figures)
                        .ToDictionary(step => step.Key, step => StepFigures.Median([.. step])),
                };
            },
            cancellationToken
        );
}
