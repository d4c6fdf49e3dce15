using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>
/// Looks for room while calls of this host wait: hosts that die or lose notifications do not say that their calls have ended. Without
/// waiting calls, only slow-downs are read, every five seconds.
/// </summary>
internal sealed class CallSlotWatcher(
    SharedCallSlots slots,
    IDbContextFactory<PromptPilotDbContext> contexts,
    ReadyGate ready,
    TimeProvider time,
    ILogger<CallSlotWatcher> log
) : PollingService
{
    private readonly Every _slowDowns = new(TimeSpan.FromSeconds(5), time);
    private long _seen;

    /// <summary>The runs have stopped before, which has ended their calls.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await slots.FinishAsync();
    }

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override TimeSpan PollInterval => TimeSpan.FromMilliseconds(500);

    protected override async Task PrepareAsync(CancellationToken stoppingToken)
    {
        await ready.WaitAsync(stoppingToken);
        await using var db = await contexts.CreateDbContextAsync(stoppingToken);
        await db.EnsureTablesAsync(stoppingToken);
    }

    protected override Func<CancellationToken, Task> Listen()
    {
        var seen = slots.SlowDownsChanged.Count;
        return token => slots.SlowDownsChanged.WaitAsync(seen, token);
    }

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        var changes = slots.SlowDownsChanged.Count;
        if (_slowDowns.IsDue() || changes != _seen)
        {
            await slots.ReadSlowDownsAsync(cancellationToken);
            _seen = changes;
        }

        return slots.Look() is { } wait ? time.GetUtcNow().UtcDateTime + wait : null;
    }
}
