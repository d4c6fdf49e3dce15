using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>
/// Writes what was received, many rows in one commit and after the answer: a flood of forged requests costs one commit at a time, never one
/// each, and no sender waits for the inbox. The run itself is committed before the answer.
/// </summary>
public sealed class WebhookInbox : IAsyncDisposable, ICleaning
{
    private const int Batch = 200;
    private const int Capacity = 2000;

    /// <summary>The number of rows by which a trigger may exceed its limit before the oldest are removed.</summary>
    private const int TrimEvery = 50;

    private readonly IDbContextFactory<PromptPilotDbContext> _contexts;
    private readonly IOptions<WebhooksOptions> _options;
    private readonly FileMarks _files;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookInbox> _log;
    private readonly BatchWriter<WebhookReceipt> _writer;
    private readonly ConcurrentDictionary<string, int> _sinceTrim = [];
    private long _dropped;

    public WebhookInbox(
        IDbContextFactory<PromptPilotDbContext> contexts,
        IOptions<WebhooksOptions> options,
        FileMarks files,
        TimeProvider time,
        ILogger<WebhookInbox> log
    )
    {
        (_contexts, _options, _files, _time, _log) = (contexts, options, files, time, log);
        _writer = new BatchWriter<WebhookReceipt>(
            new BatchRules(nameof(WebhookInbox), Batch, Capacity, Pause: TimeSpan.FromMilliseconds(100)),
            WriteAsync,
            DatabaseFault.CanPass,
            (_, _) => Interlocked.Increment(ref _dropped),
            time,
            log
        );
    }

    /// <summary>Signals that rows were written.</summary>
    internal ChangeSignal Written { get; } = new();

    /// <summary>Queues a row. If more arrive than can be written, the row is dropped and counted in the log; its run is not.</summary>
    internal void Add(WebhookReceipt receipt)
    {
        if (!_writer.TryAdd(receipt))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    async Task ICleaning.CleanAsync(CancellationToken cancellationToken)
    {
        _sinceTrim.Clear();
        var until = _time.GetUtcNow().UtcDateTime.AddDays(-_options.Value.KeepDays);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await db.WebhookReceipts.Where(row => row.ReceivedAt < until).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task WriteAsync(IReadOnlyList<WebhookReceipt> rows)
    {
        await SaveAsync(rows);
        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
        {
            _log.LogWarning(
                "{Count} webhook requests are missing from the inbox because they arrived faster than they could be written",
                dropped
            );
        }

        Written.Raise();
        await TrimAllAsync(rows);
    }

    /// <summary>The rows are written: a failure here must not write them again.</summary>
    private async Task TrimAllAsync(IReadOnlyList<WebhookReceipt> rows)
    {
        try
        {
            foreach (var trigger in rows.GroupBy(row => row.TriggerId))
            {
                await TrimAsync(trigger.Key, trigger.Count());
            }
        }
        catch (Exception exception)
        {
            _log.LogWarning(exception, "The inbox could not be trimmed; the next request or housekeeping run will trim it");
        }

        Written.Raise();
    }

    private async Task SaveAsync(IReadOnlyList<WebhookReceipt> rows)
    {
        await using var db = await _contexts.CreateDbContextAsync();
        var ids = rows.Select(row => row.TriggerId).Distinct().ToList();
        var there = await db.Triggers.Where(trigger => ids.Contains(trigger.Id)).Select(trigger => trigger.Id).ToListAsync();

        // A trigger deleted a moment ago takes its inbox with it.
        foreach (var row in rows.Where(row => there.Contains(row.TriggerId)))
        {
            if (row is { RunId: { } run, IsWhole: true, Body.Length: >= FileMarks.Shortest })
            {
                row.Body = await _files.MarkAsync(db, row.Body, run, FileOwner.Receipt, row.Id, CancellationToken.None);
            }

            db.WebhookReceipts.Add(row);
        }

        await db.SaveChangesAsync();
    }

    /// <summary>Authentic and other requests have separate limits, so that strangers cannot displace authentic ones.</summary>
    private async Task TrimAsync(string triggerId, int added)
    {
        var since = _sinceTrim.GetValueOrDefault(triggerId, TrimEvery) + added;
        _sinceTrim[triggerId] = since >= TrimEvery ? 0 : since;
        if (since < TrimEvery)
        {
            return;
        }

        await using var db = await _contexts.CreateDbContextAsync();
        foreach (var isAuthentic in new[] { true, false })
        {
            var rows = db.WebhookReceipts.Where(row => row.TriggerId == triggerId && row.IsAuthentic == isAuthentic);
            var oldest = await rows.OrderByDescending(row => row.ReceivedAt)
                .Skip(_options.Value.KeepRequests - 1)
                .Select(row => (DateTime?)row.ReceivedAt)
                .FirstOrDefaultAsync();
            if (oldest is { } kept)
            {
                await rows.Where(row => row.ReceivedAt < kept).ExecuteDeleteAsync();
            }
        }
    }
}
