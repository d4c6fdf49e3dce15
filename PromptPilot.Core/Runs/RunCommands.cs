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
            () => new RunMessage.Cancel(by),
            (progress, _) =>
            {
                progress.CloseOpenAttempts();
                progress.Add(RunEventType.CancelRequested, payload: new RunEventPayload { By = by });
                progress.Add(RunEventType.Finished, payload: RunDecision.End(progress.State, time.GetUtcNow().UtcDateTime));
            },
            cancellationToken
        );

    /// <param name="check">What is wrong with the answer, as the run is now.</param>
    internal Task<Result<Done>> AnswerAsync(
        string runId,
        RunMessage.Answer answer,
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
        Func<RunMessage.Request> request,
        Action<RunProgress, RunAdvance> write,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < MostTries; i++)
        {
            var progress = await loader.LoadAsync(runId, cancellationToken, evenUnplanned: true);
            if (progress is null)
            {
                return Problem.NotFound("run");
            }

            if (progress.State.IsFinished)
            {
                return Problem.Conflict("This run has already ended.");
            }

            if (check(progress.State) is { } problem)
            {
                return problem;
            }

            if (await executions.TellAsync(runId, request()))
            {
                return default(Done);
            }

            if (!scheduler.IsRunning(runId) && await WriteAsync(progress, write))
            {
                return default(Done);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10 * i), time, cancellationToken);
        }

        return Busy;
    }

    /// <summary>Writes to a run that nobody executes. Whoever takes it up at the same moment makes this fail, or fails himself.</summary>
    private async Task<bool> WriteAsync(RunProgress progress, Action<RunProgress, RunAdvance> write)
    {
        var queued = queue.Remove(progress.Run.Id);
        write(progress, executions.AdvanceOf(progress));
        var isCommitted = false;
        try
        {
            isCommitted = await progress.CommitAsync(journal, feed) == AppendResult.Committed;
        }
        finally
        {
            // Back in line: what was taken out of it in vain, and what may go on now.
            if (isCommitted ? !progress.State.IsFinished : queued is not null)
            {
                await scheduler.WakeAsync(progress.Run.Id, CancellationToken.None);
            }
        }

        return isCommitted;
    }
}
