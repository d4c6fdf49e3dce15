using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Runs.Telemetry;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs;

/// <summary>Commits a new run, queued or, when a slot is free, already claimed with its first attempts, and starts it.</summary>
public sealed class RunLauncher(RunQueue queue, RunScheduler scheduler, RunExecutions executions, RunCommitter committer, RunFiles files)
{
    internal static readonly Problem Stopping = new(
        ProblemKind.Unavailable,
        "PromptPilot is stopping and accepts no new runs. Try again in a moment.",
        []
    );

    internal static readonly Problem Refused = new(
        ProblemKind.Unavailable,
        "The run could not be started because something it needs was just deleted. Reload the page, then try again.",
        []
    );

    /// <summary>Takes the files among the inputs of a run.</summary>
    internal RunFiles Files => files;

    internal bool IsStopping => scheduler.IsStopping;

    /// <param name="progress">A new run, with the results it keeps of another one.</param>
    /// <returns>The result of its commit, or the reason why the database cannot accept new runs right now.</returns>
    internal async Task<Result<AppendResult>> LaunchAsync(RunProgress progress)
    {
        try
        {
            await files.KeepAsync(progress.Run);
            return await TryLaunchAsync(progress);
        }
        catch (EntryRefusedException refused)
        {
            return refused.Problem;
        }
        catch (JournalClosedException)
        {
            return Stopping;
        }
    }

    private async Task<AppendResult> TryLaunchAsync(RunProgress progress)
    {
        var run = progress.Run;
        if (progress.State.LastSeq == 0)
        {
            progress.Add(RunEventType.Queued, payload: RunTelemetry.Queued());
        }

        var advance = executions.AdvanceOf(progress);
        var profile = RunDecision.FirstProfile(progress.State, progress.Plan);
        var hasSlot = await queue.TryTakeSlotAsync(run.Id, run.WorkflowId, profile);
        var committed = AppendResult.Refused;
        try
        {
            if (hasSlot)
            {
                committer.Claim(progress);
                await advance.AdvanceAsync(run.QueuedAt);
            }

            // From now on the run may exist: a caller that disconnects must not leave it half started.
            committed = await committer.CommitAsync(progress);
        }
        finally
        {
            if (committed == AppendResult.Committed)
            {
                advance.HandOverPermits();
            }
            else
            {
                advance.ReleasePermits();
                if (hasSlot)
                {
                    queue.ReleaseSlot(run.Id);
                }
            }
        }

        if (committed == AppendResult.Committed)
        {
            if (hasSlot)
            {
                executions.Prepare(advance);
                scheduler.Start(run.Id);
            }
            else
            {
                queue.Add(run.Id, run.WorkflowId, run.Priority, profile, run.QueuedAt);
            }
        }

        return committed;
    }
}
