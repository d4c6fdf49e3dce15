using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// Notifications from committed runs: failed runs for the workflow's owner, and open reviews for the owner and the user who started the
/// run.
/// </summary>
internal static class RunFacts
{
    public const int Most = 500;
    public const string RunPath = "/runs/";

    /// <summary>
    /// Older failures are shown by the bell only: a first start, or the first one with a mail server, must not flood a mailbox.
    /// </summary>
    private static readonly TimeSpan MailFor = TimeSpan.FromDays(1);

    /// <summary>
    /// Runs that ended after a place in the list of all, oldest first, at most <see cref="Most"/>. A user who started a run manually
    /// sees it fail, and is not notified.
    /// </summary>
    /// <param name="after">When the last one that was seen ended, and its id.</param>
    /// <param name="mailFrom">The time from which failures are also e-mailed; null: there is no mail server.</param>
    public static async Task<List<Notification>> FailuresAsync(
        PromptPilotDbContext db,
        (DateTime At, string RunId) after,
        DateTime? mailFrom,
        CancellationToken cancellationToken
    )
    {
        var runs = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run =>
                (run.Status == RunStatus.Failed || run.Status == RunStatus.TimedOut)
                && !run.IsDraft
                && run.FinishedAt >= after.At
                && (run.FinishedAt > after.At || string.Compare(run.Id, after.RunId) > 0)
            )
            .Join(
                db.Workflows,
                run => run.WorkflowId,
                workflow => workflow.Id,
                (run, workflow) =>
                    new
                    {
                        run.Id,
                        run.WorkflowId,
                        run.WorkflowName,
                        run.Status,
                        run.TriggerKind,
                        run.StartedBy,
                        run.ErrorCode,
                        run.ErrorMessage,
                        run.ErrorStepId,
                        run.FinishedAt,
                        workflow.Owner,
                    }
            )
            .Where(run => run.Owner != null && (run.TriggerKind != TriggerType.Manual || run.StartedBy != run.Owner))
            .OrderBy(run => run.FinishedAt)
            .ThenBy(run => run.Id)
            .Take(Most)
            .ToListAsync(cancellationToken);
        var workflows = runs.Select(run => run.WorkflowId).Distinct().ToList();
        var hooks = mailFrom is null
            ? []
            : await db
                .IntegrationHooks.AsNoTracking()
                .Where(hook => hook.Enabled && workflows.Contains(hook.LinkedWorkflowId))
                .Select(hook => new { hook.LinkedWorkflowId, hook.On })
                .ToListAsync(cancellationToken);
        var hooked = hooks.Where(hook => hook.On.Contains(HookEvent.Failed)).Select(hook => hook.LinkedWorkflowId).ToHashSet();
        return runs.ConvertAll(run => new Notification
        {
            UserId = run.Owner!,
            Kind = NotificationKind.RunFailed,
            Title = NotificationLimits.Line(
                $"“{run.WorkflowName}” {(run.Status == RunStatus.TimedOut ? "timed out" : "failed")}, started by "
                    + $"{Starter(run.TriggerKind)}",
                NotificationLimits.MaxTitle
            ),
            Cause = NotificationLimits.Line(run.ErrorMessage ?? "", NotificationLimits.MaxCause),
            Link = RunPath + run.Id,
            CreatedAt = run.FinishedAt!.Value,
            FactKey = $"failed:{run.Id}",
            CauseKey = $"failed:{run.WorkflowId}:{run.TriggerKind}:{run.ErrorCode}:{run.ErrorStepId}",
            MailDueAt =
                run.TriggerKind != TriggerType.Manual && run.FinishedAt >= mailFrom && !hooked.Contains(run.WorkflowId)
                    ? run.FinishedAt
                    : null,
        });
    }

    /// <summary>
    /// Open reviews that were requested after a place in the list of all, oldest first, of at most <see cref="Most"/> requests; only for
    /// users who may answer.
    /// </summary>
    /// <returns>The notifications, and the place of the last request; null if there was none.</returns>
    public static async Task<(List<Notification> Found, (DateTime At, string RunId, int Seq)? Last)> ReviewsAsync(
        PromptPilotDbContext db,
        (DateTime At, string RunId, int Seq) after,
        CancellationToken cancellationToken
    )
    {
        // A requested review may have been answered while the run waits for another: then its notification has less detail, and is marked
        // as read with the last.
        var asked = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.OpenReviews > 0 && !run.IsDraft)
            .Join(
                db.Workflows,
                run => run.WorkflowId,
                workflow => workflow.Id,
                (run, workflow) =>
                    new
                    {
                        run.Id,
                        run.WorkflowName,
                        run.WorkflowVersionId,
                        run.StartedBy,
                        workflow.Owner,
                    }
            )
            .Join(
                db.RunEvents.Where(happened => happened.Type == RunEventType.ReviewAsked),
                run => run.Id,
                happened => happened.RunId,
                (run, happened) =>
                    new
                    {
                        run.Id,
                        run.WorkflowName,
                        run.WorkflowVersionId,
                        run.StartedBy,
                        run.Owner,
                        happened.StepId,
                        happened.Seq,
                        happened.At,
                    }
            )
            .Where(review =>
                review.At > after.At
                || (
                    review.At == after.At
                    && (string.Compare(review.Id, after.RunId) > 0 || (review.Id == after.RunId && review.Seq > after.Seq))
                )
            )
            .OrderBy(review => review.At)
            .ThenBy(review => review.Id)
            .ThenBy(review => review.Seq)
            .Take(Most)
            .ToListAsync(cancellationToken);
        var people = asked.SelectMany(review => new[] { review.Owner, review.StartedBy }).OfType<string>().Distinct().ToList();
        var roles = await db
            .Users.AsNoTracking()
            .Where(user => people.Contains(user.Id) && !user.IsLocked)
            .Select(user => new { user.Id, user.Role })
            .ToDictionaryAsync(user => user.Id, user => user.Role, cancellationToken);
        var versions = asked.Select(review => review.WorkflowVersionId).OfType<string>().Distinct().ToList();
        var definitions = await db
            .WorkflowVersions.AsNoTracking()
            .Where(version => versions.Contains(version.Id))
            .ToDictionaryAsync(version => version.Id, version => version.Definition, cancellationToken);
        var found = asked.SelectMany(review =>
            new[] { review.Owner, review.StartedBy }
                .OfType<string>()
                .Distinct()
                .Where(person => roles.TryGetValue(person, out var role) && Access.Allows(role, Permission.Run))
                .Select(person => new Notification
                {
                    UserId = person,
                    Kind = NotificationKind.Review,
                    Title = NotificationLimits.Line($"“{review.WorkflowName}” is waiting for review", NotificationLimits.MaxTitle),
                    Cause = NotificationLimits.Line(
                        Question(definitions.GetValueOrDefault(review.WorkflowVersionId ?? ""), review.StepId),
                        NotificationLimits.MaxCause
                    ),
                    Link = RunPath + review.Id,
                    CreatedAt = review.At,
                    FactKey = $"review:{review.Id}:{review.Seq}",
                })
        );
        return ([.. found], asked.Count == 0 ? null : (asked[^1].At, asked[^1].Id, asked[^1].Seq));
    }

    public static DateTime MailFrom(DateTime now) => now - MailFor;

    /// <summary>The step whose output waits, and what its reviewer is asked: a run can wait for several.</summary>
    private static string Question(WorkflowDefinition? definition, string? stepId) =>
        definition?.Steps.FirstOrDefault(step => step.Id == stepId) is { } step
            ? $"Step “{step.OutputKey}”. {step.Options.Review?.Instructions}".TrimEnd()
            : "";

    private static string Starter(TriggerType trigger) =>
        trigger switch
        {
            TriggerType.Scheduled => "a schedule",
            TriggerType.Webhook => "a webhook",
            TriggerType.Manual => "someone else",
        };
}
