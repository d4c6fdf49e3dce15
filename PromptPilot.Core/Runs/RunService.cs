using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Lists;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs;

/// <summary>Starts, shows, cancels and deletes runs.</summary>
public sealed class RunService(
    Operations operations,
    RunDispatcher dispatcher,
    RunCommands commands,
    RunQueue queue,
    RunLoader loader,
    RunJournal journal,
    RunFeed feed,
    RenderedPrompts prompts
)
{
    /// <summary>Starts a run of a workflow's published version, in the actor's name.</summary>
    /// <returns>The run, queued or already running; a problem with the inputs' fields; Conflict when the workflow cannot run; KeyReused
    /// when the idempotency key was used for another request.</returns>
    public Task<Result<StartedRun>> StartAsync(Actor actor, StartRunRequest request, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<StartedRun>(
            actor,
            Permission.Run,
            async principal =>
            {
                var idempotencyActor = actor is Actor.KeyHolder key ? key.ApiKeyId : principal.UserId;
                return await dispatcher.DispatchAsync(principal, idempotencyActor, request, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>The current state of a run, with the texts received so far.</summary>
    public async Task<Result<RunState>> FindAsync(Actor actor, string runId, CancellationToken cancellationToken)
    {
        var watch = await WatchAsync(actor, runId, cancellationToken);
        if (!watch.IsOk)
        {
            return watch.Problem;
        }

        using (watch.Value)
        {
            return watch.Value.Snapshot();
        }
    }

    /// <summary>Waits until a run has ended, up to a limit.</summary>
    /// <param name="limit">Up to 300 s.</param>
    /// <returns>The state of the run at that time, ended or not.</returns>
    public async Task<Result<RunState>> WaitAsync(Actor actor, string runId, TimeSpan limit, CancellationToken cancellationToken)
    {
        var watch = await WatchAsync(actor, runId, cancellationToken);
        if (!watch.IsOk)
        {
            return watch.Problem;
        }

        using (watch.Value)
        {
            await watch.Value.WaitForEndAsync(limit, cancellationToken);
            return watch.Value.Snapshot();
        }
    }

    /// <summary>Follows a run. Dispose the watch when it is no longer shown.</summary>
    public Task<Result<RunWatch>> WatchAsync(Actor actor, string runId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<RunWatch>(
            actor,
            Permission.Read,
            async _ =>
            {
                var live = feed.Hold(runId);
                try
                {
                    if (live.State is null)
                    {
                        if (await loader.FindAsync(runId, cancellationToken) is not { } state)
                        {
                            feed.Release(live);
                            return Problem.NotFound("run");
                        }

                        live.Publish(state);
                    }
                }
                catch
                {
                    feed.Release(live);
                    throw;
                }

                return new RunWatch(feed, live, queue.Position);
            },
            cancellationToken
        );

    /// <summary>Runs, newest first.</summary>
    public Task<Result<Page<RunListItem>>> ListAsync(
        Actor actor,
        RunFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<RunListItem>>(
            actor,
            Permission.Read,
            async (db, _) => await RunQuery.ListAsync(db, filter, page, cancellationToken),
            cancellationToken
        );

    /// <summary>Cancels a run and aborts its model calls in flight. Recorded when this returns.</summary>
    /// <returns>Conflict when it has already ended.</returns>
    public Task<Result<Done>> CancelAsync(Actor actor, string runId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<Done>(
            actor,
            Permission.Run,
            async principal => await commands.CancelAsync(runId, principal.UserId, cancellationToken),
            cancellationToken
        );

    /// <summary>Deletes a run that has ended, with its logs and their feedback.</summary>
    /// <returns>Conflict while it runs or is pinned, or if a retry or fork of it exists.</returns>
    public Task<Result<Done>> DeleteAsync(Actor actor, string runId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<Done>(
            actor,
            Permission.Write,
            async _ =>
            {
                var plan = await journal.DeleteAsync([runId], ratedStay: false, cancellationToken);
                if (plan.Goes.Count == 0)
                {
                    return plan.Kept.TryGetValue(runId, out var reason) ? Problem.Conflict(reason) : Problem.NotFound("run");
                }

                feed.ListChanged.Raise();
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>The prompt that an attempt sent to its model, rendered again from the immutable version and the recorded input.</summary>
    public Task<Result<RenderedPrompt>> RenderPromptAsync(Actor actor, string executionLogId, CancellationToken cancellationToken) =>
        operations.ReadAsync<RenderedPrompt>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var entry = await db.ExecutionLogs.AsNoTracking().SingleOrDefaultAsync(log => log.Id == executionLogId, cancellationToken);
                return entry is null ? Problem.NotFound("execution log") : await prompts.OfAsync(entry, cancellationToken);
            },
            cancellationToken
        );
}
