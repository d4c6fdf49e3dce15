using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs;

/// <summary>Commits a new run, queued or, when a slot is free, already claimed with its first attempts, and starts it.</summary>
public sealed class RunLauncher(RunQueue queue, RunExecutions executions, RunJournal journal, RunFeed feed, HostLease lease)
{
    internal static readonly Problem Stopping = new(
        ProblemKind.Unavailable,
        "PromptPilot is stopping and takes no new runs. Try again in a moment.",
        []
    );

    internal static readonly Problem Refused = new(
        ProblemKind.Unavailable,
        "The database takes no new runs at the moment, for example because the disk is full. Nothing was started; an admin finds the cause in the host's log.",
        []
    );

    internal bool IsStopping => executions.IsStopping;

    /// <param name="story">A new run, with what it takes over from another one.</param>
    internal async Task<AppendResult> LaunchAsync(RunStory story)
    {
        var run = story.Run;
        if (story.View.LastSeq == 0)
        {
            story.Add(RunEventType.Queued);
        }

        var advance = executions.AdvanceOf(story);
        var profile = RunDecision.FirstProfile(story.View, story.Plan);
        var hasSlot = await queue.TryTakeSlotAsync(run.Id, run.WorkflowId, profile);
        var committed = AppendResult.Refused;
        try
        {
            if (hasSlot)
            {
                story.Claim(lease.Owner, lease.Until());
                await advance.AdvanceAsync(run.QueuedAt);
            }

            // From here on the run may exist: the caller's going away must not leave it half started.
            committed = await story.CommitAsync(journal, feed);
        }
        finally
        {
            if (committed == AppendResult.Committed)
            {
                advance.HandOverLanes();
            }
            else
            {
                advance.ReleaseLanes();
                if (hasSlot)
                {
                    queue.ReleaseSlot(run.Id);
                    await executions.PumpAsync();
                }
            }
        }

        if (committed == AppendResult.Committed)
        {
            if (hasSlot)
            {
                await executions.LaunchAsync(story, advance);
            }
            else
            {
                queue.Add(run.Id, run.WorkflowId, run.Priority, profile, run.QueuedAt);
                await executions.PumpAsync();
            }
        }

        return committed;
    }
}
