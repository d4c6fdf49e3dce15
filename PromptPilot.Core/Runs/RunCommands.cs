using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs;

/// <summary>
/// What people tell a run while it is not finished. Where the run is executed, its executor writes; where it waits, the sender does. Either
/// way it is committed before the answer.
/// </summary>
public sealed class RunCommands(
    RunLoader loader,
    RunExecutions executions,
    RunScheduler scheduler,
    RunQueue queue,
    RunJournal journal,
    RunFeed feed,
    TimeProvider time
)
{
    /// <summary>The run can change hands between a look and a write; more often than this it does not.</summary>
    private const int MostTries = 20;

    private static readonly Problem Busy = Problem.Conflict("This run was changing hands at this moment. Try again.");

    internal Task<Result<Done>> CancelAsync(string runId, string? by, CancellationToken cancellationToken) =>
        TellAsync(
            runId,
            _ => null,
            () => new RunSignal.Cancel(by),
            (story, _) =>
            {
                story.CloseOpenAttempts();
                story.Add(RunEventType.CancelRequested, payload: new RunEventPayload { By = by });
                story.Add(RunEventType.Finished, payload: RunDecision.End(story.State, time.GetUtcNow().UtcDateTime));
            },
            cancellationToken
        );

    /// <param name="check">What is wrong with the answer, as the run is now.</param>
    internal Task<Result<Done>> AnswerAsync(
        string runId,
        RunSignal.Answer answer,
        Func<RunState, Problem?> check,
        CancellationToken cancellationToken
    ) =>
        TellAsync(
            runId,
            check,
            () => answer with { },
            (_, advance) => advance.Answer(answer.StepId, answer.Verdict, answer.Output, answer.Reason, answer.By),
            cancellationToken
        );

    private async Task<Result<Done>> TellAsync(
        string runId,
        Func<RunState, Problem?> check,
        Func<RunSignal.Request> request,
        Action<RunStory, RunAdvance> write,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < MostTries; i++)
        {
            var story = await loader.LoadAsync(runId, cancellationToken, evenUnplanned: true);
            if (story is null)
            {
                return Problem.NotFound("run");
            }

            if (story.State.IsFinished)
            {
                return Problem.Conflict("This run has already ended.");
            }

            if (check(story.State) is { } problem)
            {
                return problem;
            }

            if (await executions.TellAsync(runId, request()))
            {
                return default(Done);
            }

            if (!scheduler.IsRunning(runId) && await WriteAsync(story, write))
            {
                return default(Done);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10 * i), time, cancellationToken);
        }

        return Busy;
    }

    /// <summary>Writes to a run that nobody executes. Whoever takes it up at the same moment makes this fail, or fails himself.</summary>
    private async Task<bool> WriteAsync(RunStory story, Action<RunStory, RunAdvance> write)
    {
        var queued = queue.Remove(story.Run.Id);
        write(story, executions.AdvanceOf(story));
        var isCommitted = false;
        try
        {
            isCommitted = await story.CommitAsync(journal, feed) == AppendResult.Committed;
        }
        finally
        {
            // Back in line: what was taken out of it in vain, and what may go on now.
            if (isCommitted ? !story.State.IsFinished : queued is not null)
            {
                await scheduler.WakeAsync(story.Run.Id, CancellationToken.None);
            }
        }

        return isCommitted;
    }
}
