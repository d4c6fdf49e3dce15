using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Shared.Work;

/// <summary>Settings of a <see cref="BatchWriter{T}"/>.</summary>
/// <param name="Name">Name in logs and metrics.</param>
/// <param name="Largest">The most items in one batch.</param>
/// <param name="Capacity">The most items that wait; null: as many as come.</param>
/// <param name="Pause">Pause between batches, so that more items share the next one.</param>
internal sealed record BatchRules(string Name, int Largest, int? Capacity = null, TimeSpan Pause = default);

/// <summary>
/// Writes items from many callers in one loop: items that wait at the same time share a batch. A batch that failed temporarily is retried
/// with a back-off; of one that can never be written, the items are written one by one, and those that still fail are dropped. No exception
/// of a callback ends the loop.
/// </summary>
internal sealed class BatchWriter<T>(
    BatchRules rules,
    Func<IReadOnlyList<T>, Task> write,
    Func<Exception, bool> canPass,
    Action<T, Exception> drop,
    TimeProvider time,
    ILogger log
) : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly Channel<Queued> _channel = rules.Capacity is { } capacity
        ? Channel.CreateBounded<Queued>(new BoundedChannelOptions(capacity) { SingleReader = true })
        : Channel.CreateUnbounded<Queued>(new UnboundedChannelOptions { SingleReader = true });

    private readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10));
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Task? _loop;

    private readonly record struct Queued(T Item, long Since);

    /// <summary>Queues an item.</summary>
    /// <returns>False when too many wait, or the writer is closed.</returns>
    public bool TryAdd(T item)
    {
        lock (_lock)
        {
            _loop ??= Task.Run(RunAsync);
        }

        return _channel.Writer.TryWrite(new Queued(item, Stopwatch.GetTimestamp()));
    }

    /// <summary>Writes what waits, for as long as is reasonable at a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        await _closing.CancelAsync();
        if (_loop is not null && await Task.WhenAny(_loop, Task.Delay(StopPatience)) != _loop)
        {
            log.LogWarning(
                "{Writer} did not finish within {Seconds} s; items it had not written are lost",
                rules.Name,
                StopPatience.TotalSeconds
            );
        }
    }

    private async Task RunAsync()
    {
        var batch = new List<T>();
        while (await _channel.Reader.WaitToReadAsync())
        {
            long? oldest = null;
            while (batch.Count < rules.Largest && _channel.Reader.TryRead(out var queued))
            {
                oldest ??= queued.Since;
                batch.Add(queued.Item);
            }

            try
            {
                WorkMetrics.Waited(rules.Name, Stopwatch.GetElapsedTime(oldest ?? Stopwatch.GetTimestamp()));
                await WriteAsync(batch);
            }
            catch (Exception exception)
            {
                // Nothing may end this loop, or later items would wait forever.
                batch.ForEach(item => Drop(item, exception));
            }

            batch.Clear();
            if (rules.Pause > TimeSpan.Zero)
            {
                await Task.Delay(rules.Pause, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WriteAsync(List<T> batch)
    {
        while (true)
        {
            try
            {
                await write(batch);
                _backOff.Reset();
                WorkMetrics.Done(rules.Name, batch.Count);
                return;
            }
            catch (Exception exception) when (canPass(exception) || exception is OperationCanceledException)
            {
                var pause = _backOff.Next();
                WorkMetrics.Failed(rules.Name);
                log.LogError(
                    exception,
                    "{Writer} could not write {Count} items; retrying in {Seconds:0.0} s",
                    rules.Name,
                    batch.Count,
                    pause.TotalSeconds
                );
                await Task.Delay(pause);
            }
            catch (Exception exception)
            {
                WorkMetrics.Failed(rules.Name);
                await IsolateAsync(batch, exception);
                return;
            }
        }
    }

    private async Task IsolateAsync(List<T> batch, Exception exception)
    {
        if (batch is [var only])
        {
            Drop(only, exception);
            return;
        }

        foreach (var item in batch)
        {
            await WriteAsync([item]);
        }
    }

    private void Drop(T item, Exception exception)
    {
        log.LogError(exception, "{Writer} dropped an item that cannot be written", rules.Name);
        try
        {
            drop(item, exception);
        }
        catch (Exception second)
        {
            log.LogError(second, "{Writer} could not report an item that it dropped", rules.Name);
        }
    }
}
