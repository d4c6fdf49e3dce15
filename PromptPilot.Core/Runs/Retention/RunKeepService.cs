using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Retention;

/// <summary>A run that was not deleted.</summary>
/// <param name="Reason">The reason, and what to do.</param>
public sealed record KeptRun(string Id, string Reason);

/// <summary>The outcome of deleting runs.</summary>
public sealed record DeletedRuns(int Deleted, IReadOnlyList<KeptRun> Kept);

/// <summary>Pins and deletes runs, and shows what retention does.</summary>
public sealed class RunKeepService(
    Operations operations,
    RunCommands commands,
    RunJournal journal,
    RunFeed feed,
    IOptions<RunsOptions> options
)
{
    public const int MostAtOnce = 500;

    /// <summary>
    /// Pins a run, ended or not, or unpins it. A pinned run is not removed by retention and cannot be deleted.
    /// </summary>
    public Task<Result<Done>> PinAsync(Actor actor, string runId, bool pinned, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<Done>(
            actor,
            Permission.Run,
            async principal => await commands.PinAsync(runId, pinned, principal.UserId, cancellationToken),
            cancellationToken
        );

    /// <summary>
    /// Deletes runs with their logs and feedback, together: a run and its retries can be deleted at once. Runs that cannot be deleted are
    /// named; the others are deleted.
    /// </summary>
    /// <param name="runIds">1 to 500; repeated ones count once.</param>
    public Task<Result<DeletedRuns>> DeleteManyAsync(Actor actor, IReadOnlyList<string> runIds, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<DeletedRuns>(
            actor,
            Permission.Write,
            async _ =>
            {
                var ids = runIds.Distinct(StringComparer.Ordinal).ToList();
                if (ids.Count is 0 or > MostAtOnce)
                {
                    return Problem.AtField("ids", $"Send the ids of 1 to {MostAtOnce} runs.");
                }

                var plan = await journal.DeleteAsync(ids, ratedStay: false, cancellationToken);
                if (plan.Goes.Count > 0)
                {
                    feed.ListChanged.Raise();
                }

                var gone = plan.Goes.ToHashSet(StringComparer.Ordinal);
                return new DeletedRuns(
                    gone.Count,
                    [
                        .. ids.Where(id => !gone.Contains(id))
                            .Select(id => new KeptRun(id, plan.Kept.GetValueOrDefault(id) ?? Problem.NotFound("run").Message)),
                    ]
                );
            },
            cancellationToken
        );

    /// <summary>The retention of a workflow's runs: its own limits, otherwise the host's settings.</summary>
    public Task<Result<RetentionRule>> FindRuleAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<RetentionRule>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var limits = await db
                    .Workflows.AsNoTracking()
                    .Where(workflow => workflow.Id == workflowId)
                    .Select(workflow => workflow.Limits)
                    .SingleOrDefaultAsync(cancellationToken);
                return limits is null ? Problem.NotFound("workflow") : RetentionRule.Of(limits, options.Value);
            },
            cancellationToken
        );
}
