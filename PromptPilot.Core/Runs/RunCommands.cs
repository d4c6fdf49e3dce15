using PromptPilot.Core.Runs.Cluster;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs;

/// <summary>
/// Requests to a run that is not finished. If a host executes the run, its executor writes, even for a sender on another host. If the run
/// waits, the sender writes. Either way the request is committed before the answer.
/// </summary>
public sealed class RunCommands(
    RunLoader loader,
    RunExecutions executions,
    RunScheduler scheduler,
    RunQueue queue,
    RunCommitter committer,
    RunSignals signals,
    TimeProvider time
)
{
    /// <summary>The run can change hands between a read and a write, but not more often than this in practice.</summary>
    private const int MostTries = 20;

    private static readonly Problem Unreadable = Problem.Conflict("The stored data of this run cannot be read, so it cannot be pinned.");

    private static readonly Problem Busy = Problem.Conflict("Another host or request was writing to this run. Try again.");

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

    /// <param name="check">Returns what is wrong with the answer in the run's current state, or null.</param>
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

    /// <summary>Pins a run, finished or not, or unpins it. A waiting run keeps waiting.</summary>
    internal Task<Result<Done>> PinAsync(string runId, bool isPinned, string? by, CancellationToken cancellationToken) =>
        SendAsync(
            runId,
            _ => null,
            () => new RunMessage.Pin(isPinned, by),
            (progress, _) => progress.Pin(isPinned, by),
            cancellationToken,
            isPin: true
        );

    /// <param name="isPin">True for pins, which also apply to finished runs and let no run continue.</param>
    private async Task<Result<Done>> SendAsync(
        string runId,
        Func<RunState, Problem?> check,
        Func<RunMessage.Request> request,
        Action<RunProgress, RunAdvance> write,
        CancellationToken cancellationToken,
        bool isPin = false
    )
    {
        for (var i = 0; i < MostTries; i++)
        {
            var loaded = await LoadAsync(runId, isPin, cancellationToken);
            if (!loaded.IsOk)
            {
                return loaded.Problem;
            }

            var progress = loaded.Value;
            if (progress.State.IsFinished && !isPin)
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

            var outcome = scheduler.IsRunning(runId)
                ? SignalOutcome.LookAgain
                : await signals.SendAsync(runId, request(), cancellationToken);
            if (outcome == SignalOutcome.Committed || (outcome == SignalOutcome.NotElsewhere && await WriteAsync(progress, write, isPin)))
            {
                return default(Done);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10 * i), time, cancellationToken);
        }

        return Busy;
    }

    /// <summary>An unreadable run can be ended, which replaces the data in its row; a pin must leave that unchanged.</summary>
    private async Task<Result<RunProgress>> LoadAsync(string runId, bool isPin, CancellationToken cancellationToken)
    {
        try
        {
            return await loader.LoadAsync(runId, cancellationToken, evenUnplanned: !isPin) is { } progress
                ? progress
                : Problem.NotFound("run");
        }
        catch (RunPlanException)
        {
            return Unreadable;
        }
    }

    /// <summary>Writes to a run that no host executes. A concurrent claim makes one of the two writes fail.</summary>
    private async Task<bool> WriteAsync(RunProgress progress, Action<RunProgress, RunAdvance> write, bool isPin)
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
            // Queue it again if it was removed from the queue for nothing, or can continue now.
            if (isCommitted && !isPin ? !progress.State.IsFinished : queued is not null)
            {
                await scheduler.WakeAsync(progress.Run.Id, CancellationToken.None);
            }
        }

        return isCommitted;
    }
}
