using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs;

/// <summary>
/// Requests to a run that is not finished. If a host executes the run, its executor writes; if it waits, the sender does. Either way it is
/// committed before the answer.
/// </summary>
public sealed class RunCommands(
    RunLoader loader,
    RunExecutions executions,
    RunScheduler scheduler,
    RunQueue queue,
    RunCommitter committer,
    TimeProvider time
)
{
    /// <summary>The run can change hands between a look and a write; more often than this it does not.</summary>
    private const int MostTries = 20;

    private static readonly Problem Busy = Problem.Conflict("This run was changing hands at this moment. Try again.");

    internal Task<Result<Done>> CancelAsync(string runId, string? by, CancellationToken cancellationToken) =>
        SendAsync(
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
        SendAsync(
            runId,
            check,
            () => answer with { },
            (_, advance) => advance.Answer(answer.StepId, answer.Verdict, answer.Output, answer.Reason, answer.By),
            cancellationToken
        );

    private async Task<Result<Done>> SendAsync(
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

            if (await executions.SendAsync(runId, request()))
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

    /// <summary>Writes to a run that no host executes. A concurrent claim makes one of the two writes fail.</summary>
    private async Task<bool> WriteAsync(RunProgress progress, Action<RunProgress, RunAdvance> write)
    {
        var queued = queue.Remove(progress.Run.Id);
        write(progress, executions.AdvanceOf(progress));
        var isCommitted = false;
        try
        {
            isCommitted = await committer.CommitAsync(progress) == AppendResult.Committed;
        }
        finally
        {
            // Queued again: what was removed from the queue for nothing, and what can continue now.
            if (isCommitted ? !progress.State.IsFinished : queued is not null)
            {
                await scheduler.WakeAsync(progress.Run.Id, CancellationToken.None);
            }
        }

        return isCommitted;
    }
}
