using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.Telemetry;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Claims runs for this host, commits what is added to them, and then shows it: nothing is shown before its commit.</summary>
public sealed class RunCommitter(RunJournal journal, RunFeed feed, HostLease lease)
{
    /// <summary>Claims a run; the claim is committed with what is added next.</summary>
    internal void Claim(RunProgress progress) => progress.Claim(lease.Owner, lease.Until());

    /// <summary>Commits what was added, if anything was.</summary>
    /// <exception cref="EntryRefusedException">The run is new, and the database cannot accept new runs right now.</exception>
    /// <exception cref="EntryUnwritableException">It can never be written.</exception>
    /// <exception cref="JournalClosedException">The host has stopped.</exception>
    internal async Task<AppendResult> CommitAsync(RunProgress progress)
    {
        if (!progress.HasNews)
        {
            return AppendResult.Committed;
        }

        if (progress.Run.LeaseOwner == lease.Owner)
        {
            // Each commit renews the lease; an old time in it would undo the renewal in between.
            progress.Run.LeaseUntil = lease.Until();
        }

        var entry = progress.Entry();
        var result = await journal.AppendAsync(entry);
        if (result == AppendResult.Committed)
        {
            RunTelemetry.Committed(entry);
            progress.Committed();
            feed.Publish(progress.State);
        }

        return result;
    }
}
