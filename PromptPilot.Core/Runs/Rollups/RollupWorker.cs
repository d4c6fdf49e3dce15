using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>
/// Keeps the sums of ended runs, calls and ratings up to date, a few seconds behind their commits. After a stop or crash it continues where
/// it left off. An existing installation's history is counted in portions, with room for other writers in between.
/// </summary>
public sealed class RollupWorker(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    ReadyGate ready,
    RunFeed feed,
    TimeProvider time,
    ILogger<RollupWorker> log
) : PollingService
{
    /// <summary>Rows of a table read per transaction.</summary>
    private const int Portion = 4_000;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly ChangeSignal _reset = new();

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override Duty? Duty => ready.Duties[DutyName.Rollups];

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(15);

    protected override TimeSpan ShortestInterval => TimeSpan.FromSeconds(2);

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }

    /// <summary>Counts everything committed so far. Called by the loop and by tests.</summary>
    internal async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            foreach (var source in RollupSource.All)
            {
                while (await AdvanceAsync(source, cancellationToken)) { }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// Sums up the weeks of a database from before weeks were summed. For a start: nothing else may write sums at the same time.
    /// </summary>
    public static Task AddMissingWeeksAsync(PromptPilotDbContext db, CancellationToken cancellationToken) =>
        RollupSource.AddMissingWeeksAsync(db, cancellationToken);

    /// <summary>Clears all sums except those of deleted facts. The loop then counts everything again.</summary>
    internal static async Task ResetAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        foreach (var source in RollupSource.All)
        {
            await source.ResetAsync(db, cancellationToken);
        }
    }

    /// <summary>Starts the next pass immediately.</summary>
    internal void Wake() => _reset.Raise();

    /// <summary>The share of the history counted so far, 0 to 1.</summary>
    internal static async Task<double> FindDoneAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var (counted, all) = (0L, 0L);
        foreach (var source in RollupSource.All)
        {
            var progress = await db
                .RollupProgress.AsNoTracking()
                .SingleOrDefaultAsync(stored => stored.Facts == source.Facts, cancellationToken);
            counted += await source.NumberAsync(db, progress?.Last, cancellationToken) ?? 0;
            all += await source.NewestAsync(db, cancellationToken);
        }

        return all == 0 ? 1 : (double)counted / all;
    }

    protected override Task PrepareAsync(CancellationToken stoppingToken) => ready.WaitAsync(stoppingToken);

    protected override Func<CancellationToken, Task> Listen()
    {
        var (changes, resets) = (feed.ListChanged.Count, _reset.Count);
        return token => Task.WhenAny(feed.ListChanged.WaitAsync(changes, token), _reset.WaitAsync(resets, token));
    }

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        return null;
    }

    /// <summary>Counts a portion in a new context, which keeps tracking small, then rests as long as the portion took.</summary>
    private async Task<bool> AdvanceAsync(RollupSource source, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (!await source.AdvanceAsync(db, gate, Portion, cancellationToken))
            {
                return false;
            }
        }

        WorkMetrics.Done(nameof(RollupWorker));
        await Task.Delay(time.GetElapsedTime(began), time, cancellationToken);
        return true;
    }
}
