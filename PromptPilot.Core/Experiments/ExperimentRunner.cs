using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Experiments;

/// <summary>
/// Starts the calls of experiments as runs, a few at a time, and records their results. The rows are the truth: after a crash it continues
/// from them.
/// </summary>
internal sealed class ExperimentRunner(
    IDbContextFactory<PromptPilotDbContext> contexts,
    ReadyGate ready,
    ExperimentSignal signal,
    RunFeed feed,
    ExperimentCalls calls,
    RunCommands commands,
    TimeProvider time,
    ILogger<ExperimentRunner> log
) : PollingService
{
    /// <summary>Whether any experiment has something to do; if not, runs that end are none of ours.</summary>
    private bool _isActive = true;

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override Duty? Duty => ready.Duties[DutyName.Experiments];

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(5);

    /// <summary>Runs of people end all the time; looking that often would cost more than it gains.</summary>
    protected override TimeSpan ShortestInterval => TimeSpan.FromMilliseconds(100);

    protected override Task PrepareAsync(CancellationToken stoppingToken) => ready.WaitAsync(stoppingToken);

    protected override Func<CancellationToken, Task> Listen()
    {
        var (asked, ended) = (signal.Asked.Count, feed.ListChanged.Count);
        return token =>
            _isActive
                ? Task.WhenAny(signal.Asked.WaitAsync(asked, token), feed.ListChanged.WaitAsync(ended, token))
                : signal.Asked.WaitAsync(asked, token);
    }

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var open = await db
            .Experiments.AsNoTracking()
            .Where(e =>
                e.Status == ExperimentStatus.Running
                || db.ExperimentCells.Any(cell => cell.ExperimentId == e.Id && cell.Status == CellStatus.Running)
            )
            .OrderBy(e => e.CreatedAt)
            .ToListAsync(cancellationToken);
        _isActive = open.Count > 0;
        var failures = new List<Exception>();
        foreach (var experiment in open)
        {
            await TryAsync(() => RecordEndedAsync(db, experiment, cancellationToken));
        }

        foreach (var experiment in open.Where(e => e.Status == ExperimentStatus.Cancelled))
        {
            await TryAsync(() => StopAsync(db, experiment, cancellationToken));
        }

        var room = open.Exists(e => e.Status == ExperimentStatus.Running) ? await calls.RoomAsync(db, cancellationToken) : null;
        foreach (var experiment in open.Where(e => e.Status == ExperimentStatus.Running))
        {
            await TryAsync(async () =>
            {
                await StartNextAsync(db, experiment, room!, cancellationToken);
                await FinishAsync(db, experiment, cancellationToken);
            });
        }

        // The loop logs it and polls again after its back-off.
        return failures.Count == 0 ? null : throw new AggregateException(failures);

        // An experiment that cannot continue must not block the others.
        async Task TryAsync(Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(exception);
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task RecordEndedAsync(PromptPilotDbContext db, Experiment experiment, CancellationToken cancellationToken)
    {
        var cells = await db
            .ExperimentCells.Where(cell =>
                cell.ExperimentId == experiment.Id
                && cell.Status == CellStatus.Running
                && !db.WorkflowRuns.Any(run => run.Id == cell.RunId && run.FinishedAt == null)
            )
            .ToListAsync(cancellationToken);
        if (cells.Count == 0)
        {
            return;
        }

        await calls.RecordAsync(db, experiment, cells, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        signal.Changed.Raise();
    }

    /// <summary>Cancels the calls of a cancelled experiment; they are recorded when they have ended.</summary>
    private async Task StopAsync(PromptPilotDbContext db, Experiment experiment, CancellationToken cancellationToken)
    {
        var runs = await db
            .ExperimentCells.Where(cell => cell.ExperimentId == experiment.Id && cell.Status == CellStatus.Running)
            .Select(cell => cell.RunId!)
            .ToListAsync(cancellationToken);
        foreach (var run in runs)
        {
            // A conflict means that the run has ended, which needs no action.
            await commands.CancelAsync(run, by: null, cancellationToken);
        }
    }

    private async Task StartNextAsync(
        PromptPilotDbContext db,
        Experiment experiment,
        ExperimentRoom room,
        CancellationToken cancellationToken
    )
    {
        if (room.Slots <= 0)
        {
            return;
        }

        var target = await calls.TargetAsync(db, experiment, cancellationToken);
        while (room.Slots > 0)
        {
            var full = experiment.Variants.Select((variant, i) => (variant, i)).Where(v => !room.HasRoom(v.variant));
            var fullVariants = full.Select(v => v.i).ToList();
            var cell = await db
                .ExperimentCells.Where(c =>
                    c.ExperimentId == experiment.Id
                    && c.Status == CellStatus.Waiting
                    && !fullVariants.Contains(c.Variant)
                    && db.Experiments.Any(e => e.Id == c.ExperimentId && e.Status == ExperimentStatus.Running)
                )
                .OrderBy(c => c.Order)
                .FirstOrDefaultAsync(cancellationToken);
            if (cell is null || !await calls.StartAsync(db, experiment, cell, target, cancellationToken))
            {
                return;
            }

            await db.SaveChangesAsync(cancellationToken);
            if (cell.Status == CellStatus.Running)
            {
                room.Take(experiment.Variants[cell.Variant]);
            }

            signal.Changed.Raise();
        }
    }

    private async Task FinishAsync(PromptPilotDbContext db, Experiment experiment, CancellationToken cancellationToken)
    {
        var isOpen = await db.ExperimentCells.AnyAsync(
            cell => cell.ExperimentId == experiment.Id && (cell.Status == CellStatus.Waiting || cell.Status == CellStatus.Running),
            cancellationToken
        );
        if (isOpen)
        {
            return;
        }

        var now = time.GetUtcNow().UtcDateTime;
        await db
            .Experiments.Where(e => e.Id == experiment.Id && e.Status == ExperimentStatus.Running)
            .ExecuteUpdateAsync(
                set => set.SetProperty(e => e.Status, ExperimentStatus.Finished).SetProperty(e => e.FinishedAt, now),
                cancellationToken
            );
        signal.Changed.Raise();
    }
}
