using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Live;

/// <summary>
/// Shows runs of other hosts to the viewers of this one. It checks for commits every two seconds, and sooner when notified. Only runs that
/// are watched are read.
/// </summary>
public sealed class ForeignRuns(
    RunFeed feed,
    RunExecutions executions,
    RunLoader loader,
    IDbContextFactory<PromptPilotDbContext> contexts,
    ReadyGate ready,
    TimeProvider time,
    ILogger<ForeignRuns> log
) : PollingService
{
    /// <summary>A run is read in full. Reading one takes at most this share of the time, but each is read every two seconds.</summary>
    private const double LongestShare = 0.1;

    private readonly ChangeSignal _told = new();
    private readonly Dictionary<string, DateTime> _nextReads = new(StringComparer.Ordinal);
    private long _newest;

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(2);

    /// <summary>Commits that are announced at the same time are read together.</summary>
    protected override TimeSpan ShortestInterval => TimeSpan.FromMilliseconds(20);

    /// <summary>The watched runs that have not ended and are not executed here.</summary>
    internal IEnumerable<LiveRun> Watched =>
        feed.Held().Where(run => run.State is { IsFinished: false } && !executions.IsExecuting(run.RunId));

    /// <summary>Another host has committed a change of a watched run.</summary>
    internal void LookNow() => _told.Raise();

    protected override Task PrepareAsync(CancellationToken stoppingToken) => ready.WaitAsync(stoppingToken);

    protected override Func<CancellationToken, Task> Listen()
    {
        var seen = _told.Count;
        return token => _told.WaitAsync(seen, token);
    }

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var watched = Watched.ToDictionary(run => run.RunId);
        DateTime? next = null;
        if (watched.Count > 0)
        {
            var ids = watched.Keys.ToList();
            var rows = await db
                .WorkflowRuns.AsNoTracking()
                .Where(run => ids.Contains(run.Id))
                .Select(run => new { run.Id, run.LastSeq })
                .ToListAsync(cancellationToken);
            foreach (var row in rows.Where(row => row.LastSeq > watched[row.Id].State!.LastSeq))
            {
                var now = time.GetUtcNow().UtcDateTime;
                if (_nextReads.TryGetValue(row.Id, out var at) && at > now)
                {
                    next = next < at ? next : at;
                    continue;
                }

                var began = time.GetTimestamp();
                await ShowAsync(watched[row.Id], cancellationToken);
                var pause = time.GetElapsedTime(began) / LongestShare;
                _nextReads[row.Id] = now + (pause < PollInterval ? pause : PollInterval);
            }
        }

        foreach (var runId in _nextReads.Keys.Where(runId => !watched.ContainsKey(runId)).ToList())
        {
            _nextReads.Remove(runId);
        }

        await LookAtListAsync(db, cancellationToken);
        return next;
    }

    private async Task ShowAsync(LiveRun run, CancellationToken cancellationToken)
    {
        if (await loader.FindAsync(run.RunId, cancellationToken) is not { } state)
        {
            return;
        }

        CompleteTexts(run, state);
        run.Publish(state);
    }

    /// <summary>Texts of attempts that have ended. Some of their tokens may have been lost, and viewers read the end here too.</summary>
    private static void CompleteTexts(LiveRun run, RunState state)
    {
        foreach (var (key, text) in run.Texts)
        {
            var attempt = state
                .Steps.FirstOrDefault(step => step.StepId == key.StepId)
                ?.Calls.FirstOrDefault(one => one.ItemIndex == key.ItemIndex && one.Attempt == key.Attempt);
            // Tokens can arrive before the commit that began their attempt is read.
            if (attempt?.EndedAt is not null || state.IsFinished)
            {
                text.TryAppend(0, attempt?.Text ?? "");
                text.Complete();
            }
        }
    }

    /// <summary>Lists of runs are read again when any run has a new event.</summary>
    private async Task LookAtListAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var sql = $"SELECT coalesce(max({db.RowNumber}), 0) AS \"Value\" FROM \"RunEvents\"";
#pragma warning disable EF1002 // The column is one of two constants.
        var newest = await db.Database.SqlQueryRaw<long>(sql).SingleAsync(cancellationToken);
#pragma warning restore EF1002
        if (newest != _newest)
        {
            _newest = newest;
            feed.ListChanged.Raise();
        }
    }
}
