using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>Creates runs from firings, or records why not.</summary>
public sealed class FiringStarter(IDbContextFactory<PromptPilotDbContext> contexts, TriggeredRuns runs, ILogger<FiringStarter> log)
{
    /// <summary>The most firings of one schedule that can wait.</summary>
    internal const int MostWaiting = 100;

    private const int MostReason = 1000;

    /// <summary>Starts the open firings of one trigger, in their order.</summary>
    /// <returns>True if the outcome of one of them has changed.</returns>
    internal async Task<bool> StartAsync(IReadOnlyList<OpenFiring> open, CancellationToken cancellationToken)
    {
        try
        {
            var waiting = open.Count(firing => firing.Firing.Outcome == FiringOutcome.Waiting);
            var isBlocked = false;
            var hasChanged = false;
            foreach (var firing in open)
            {
                // Firings behind a waiting one wait too, except those that a person requested.
                if (isBlocked && firing.Firing is { AskedBy: null, Outcome: FiringOutcome.Waiting })
                {
                    continue;
                }

                var (outcome, reason, runId) = await DecideAsync(firing, waiting, isBlocked, cancellationToken);
                waiting += outcome == FiringOutcome.Waiting && firing.Firing.Outcome != FiringOutcome.Waiting ? 1 : 0;
                if (outcome != firing.Firing.Outcome)
                {
                    await WriteAsync(firing.Firing.Id, outcome, reason, runId, cancellationToken);
                    hasChanged = true;
                }

                isBlocked |= outcome == FiringOutcome.Waiting;
            }

            return hasChanged;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogError(exception, "A firing of trigger {Trigger} could not be started; retrying in a second", open[0].Trigger.Id);
            return true;
        }
    }

    private async Task<(FiringOutcome Outcome, string? Reason, string? RunId)> DecideAsync(
        OpenFiring open,
        int waiting,
        bool isBlocked,
        CancellationToken cancellationToken
    )
    {
        var (firing, trigger, owner) = open;
        var key = KeyOf(firing);
        if (firing.AskedBy is null)
        {
            if (!trigger.Enabled)
            {
                return (FiringOutcome.Skipped, "The schedule was paused before this firing could start.", null);
            }

            if (trigger.Schedule!.Overlap != OverlapPolicy.Allow && (isBlocked || await IsBusyAsync(trigger.Id, key, cancellationToken)))
            {
                return trigger.Schedule.Overlap == OverlapPolicy.Skip ? (FiringOutcome.Skipped, "The previous run had not finished.", null)
                    : firing.Outcome != FiringOutcome.Waiting && waiting >= MostWaiting
                        ? (FiringOutcome.Skipped, $"{MostWaiting} firings of this schedule are already waiting.", null)
                    : (FiringOutcome.Waiting, "Waiting for the previous run to finish.", null);
            }
        }

        var started = await runs.StartAsync(
            trigger.Id,
            trigger.WorkflowId,
            owner,
            new TriggerStart(TriggerType.Scheduled, trigger.Inputs, PayloadOf(firing, trigger), key),
            cancellationToken
        );
        if (started.IsOk)
        {
            return (
                FiringOutcome.Fired,
                firing.Outcome == FiringOutcome.Waiting ? "Waited for the previous run to finish." : firing.Reason,
                started.Value.Id
            );
        }

        return started.Problem.Kind == ProblemKind.Unavailable
            ? (firing.Outcome, firing.Reason, null)
            : (FiringOutcome.Skipped, Words(started.Problem), null);
    }

    /// <summary>True when another run of the trigger is unfinished, not counting the firing's own from before a crash.</summary>
    private async Task<bool> IsBusyAsync(string triggerId, string ownKey, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.WorkflowRuns.AnyAsync(
            run =>
                run.TriggerKind == TriggerType.Scheduled
                && run.TriggerId == triggerId
                && run.IdempotencyKey != ownKey
                && (run.Status == RunStatus.Queued || run.Status == RunStatus.Running || run.Status == RunStatus.Waiting),
            cancellationToken
        );
    }

    private async Task WriteAsync(string id, FiringOutcome outcome, string? reason, string? runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db
            .TriggerFirings.Where(firing => firing.Id == id)
            .ExecuteUpdateAsync(
                set => set.SetProperty(f => f.Outcome, outcome).SetProperty(f => f.Reason, reason).SetProperty(f => f.RunId, runId),
                cancellationToken
            );
    }

    /// <summary>The same for the same firing, whenever it is tried.</summary>
    private static string KeyOf(TriggerFiring firing) => "due:" + firing.DueAt.ToString("O", CultureInfo.InvariantCulture);

    private static JsonElement PayloadOf(TriggerFiring firing, Trigger trigger)
    {
        var zone = trigger.Schedule is { } schedule && ScheduleCalendar.FindZone(schedule.TimeZone) is { } found ? found : TimeZoneInfo.Utc;
        var local = TimeZoneInfo.ConvertTime(new DateTimeOffset(firing.DueAt), zone);
        return JsonSerializer.SerializeToElement(
            new
            {
                id = trigger.Id,
                type = "scheduled",
                dueAt = firing.DueAt,
                localTime = local,
                date = local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                timeZone = zone.Id,
            },
            AppJson.Options
        );
    }

    private static string Words(Problem problem)
    {
        var words = string.Join(
            " ",
            [problem.Message, .. problem.Errors.Select(error => error.Message).Where(message => message != problem.Message)]
        );
        return Shorten.Text(words, MostReason);
    }
}
