using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>
/// Writes what was received, many rows in one commit and after the answer: a flood of forged requests costs one commit at a time, never one
/// each, and no sender waits for the inbox. The run itself is committed before the answer.
/// </summary>
public sealed class WebhookInbox(
    IDbContextFactory<PromptPilotDbContext> contexts,
    IOptions<WebhooksOptions> options,
    TimeProvider time,
    ILogger<WebhookInbox> log
) : SteadyService
{
    private const int Batch = 200;

    /// <summary>So many new rows of a trigger may be over the limit before the oldest go.</summary>
    private const int TrimEvery = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Channel<WebhookReceipt> _received = Channel.CreateBounded<WebhookReceipt>(
        new BoundedChannelOptions(2000) { SingleReader = true }
    );
    private readonly Dictionary<string, int> _sinceTrim = [];
    private Task? _stopped;
    private long _dropped;
    private readonly Every _sweep = new(TimeSpan.FromHours(1), time);

    /// <summary>Signals that rows were written.</summary>
    internal ChangeSignal Written { get; } = new();

    /// <summary>Hands a row over. When more come than can be written, the row is dropped and counted in the log; its run is not.</summary>
    internal void Add(WebhookReceipt receipt)
    {
        if (!_received.Writer.TryWrite(receipt))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>A host may be told to stop twice; the rows left are written once.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_received)
        {
            return _stopped ??= WriteRestAsync(cancellationToken);
        }
    }

    private async Task WriteRestAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (_received.Reader.TryPeek(out _))
        {
            await WriteAsync(cancellationToken);
        }
    }

    protected override ILogger Logger => log;

    /// <summary>When the host stops, StopAsync writes the rest.</summary>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (await _received.Reader.WaitToReadAsync(stoppingToken))
        {
            await WriteAsync(stoppingToken);
            await Task.Delay(Pause, stoppingToken);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var rows = new List<WebhookReceipt>(Batch);
        while (rows.Count < Batch && _received.Reader.TryRead(out var row))
        {
            rows.Add(row);
        }

        try
        {
            await SaveAsync(rows, cancellationToken);
            foreach (var trigger in rows.GroupBy(row => row.TriggerId))
            {
                await TrimAsync(trigger.Key, trigger.Count(), cancellationToken);
            }

            await SweepAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.LogWarning(exception, "{Count} webhook requests could not be written to the inbox", rows.Count);
        }

        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
        {
            log.LogWarning(
                "{Count} webhook requests are missing from the inbox because they arrived faster than they could be written",
                dropped
            );
        }

        Written.Raise();
    }

    private async Task SaveAsync(List<WebhookReceipt> rows, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = rows.Select(row => row.TriggerId).Distinct().ToList();
        var there = await db
            .Triggers.Where(trigger => ids.Contains(trigger.Id))
            .Select(trigger => trigger.Id)
            .ToListAsync(cancellationToken);

        // A trigger deleted a moment ago takes its inbox with it.
        db.WebhookReceipts.AddRange(rows.Where(row => there.Contains(row.TriggerId)));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Authentic requests and others are counted apart, so that strangers cannot push what matters out.</summary>
    private async Task TrimAsync(string triggerId, int added, CancellationToken cancellationToken)
    {
        var since = _sinceTrim.GetValueOrDefault(triggerId, TrimEvery) + added;
        _sinceTrim[triggerId] = since >= TrimEvery ? 0 : since;
        if (since < TrimEvery)
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var isAuthentic in new[] { true, false })
        {
            var rows = db.WebhookReceipts.Where(row => row.TriggerId == triggerId && row.IsAuthentic == isAuthentic);
            var oldest = await rows.OrderByDescending(row => row.ReceivedAt)
                .Skip(options.Value.KeepRequests - 1)
                .Select(row => (DateTime?)row.ReceivedAt)
                .FirstOrDefaultAsync(cancellationToken);
            if (oldest is { } kept)
            {
                await rows.Where(row => row.ReceivedAt < kept).ExecuteDeleteAsync(cancellationToken);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!_sweep.IsDue())
        {
            return;
        }

        _sinceTrim.Clear();
        var until = time.GetUtcNow().UtcDateTime.AddDays(-options.Value.KeepDays);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.WebhookReceipts.Where(row => row.ReceivedAt < until).ExecuteDeleteAsync(cancellationToken);
    }
}
