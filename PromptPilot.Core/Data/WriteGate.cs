using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Shared.Telemetry;

namespace PromptPilot.Core.Data;

/// <summary>
/// SQLite has one writer, and its own waiting is a busy poll: eight ungated writers were measured at p99 600 ms, gated at 22 ms. So every
/// write of the host passes this gate, one at a time, in order. On PostgreSQL only transactions pass it: first this line of the host, then
/// a lock that all hosts share.
/// SaveChanges, ExecuteUpdate and ExecuteDelete enter by <see cref="WriteGateInterceptor"/>; a transaction of several statements starts
/// with <see cref="BeginAsync"/>. The current writer owns a <see cref="WriteHold"/>, which the context releases when its write, its
/// transaction or the context itself ends, in any way.
/// </summary>
public sealed class WriteGate : IDisposable
{
    /// <summary>A write that takes longer is named in the log.</summary>
    internal static readonly TimeSpan LongHold = TimeSpan.FromSeconds(5);

    /// <summary>A write that has waited this long fails instead of waiting on.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Histogram<double> Wait = PortalTelemetry.Meter.CreateHistogram<double>(
        "promptpilot.write_gate.wait",
        "s",
        "Time that database writes waited for their turn"
    );

    /// <summary>
    /// Shared transactions at the same time, on PostgreSQL. They have a connection while they wait for the lock, and those they wait for
    /// may need a second one: some of the pool must stay free.
    /// </summary>
    private const int MostShared = 8;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger<WriteGate> _log;
    private readonly ITimer _watchdog;
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly SemaphoreSlim _shared = new(MostShared, MostShared);
    private WriteHold? _holder;

    public WriteGate(TimeProvider time, ILogger<WriteGate> log)
    {
        (_time, _log) = (time, log);
        _watchdog = time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    /// <summary>A write in the line. Whether it is let in, gives up or is cancelled is decided under the lock.</summary>
    private sealed class Waiter(string operation, long since)
    {
        public string Operation => operation;

        public long Since => since;

        public TaskCompletionSource<WriteHold> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The waiting time of the first write in the queue; zero if none waits.</summary>
    internal TimeSpan OldestWait
    {
        get
        {
            lock (_lock)
            {
                return _waiting.First is { } first ? _time.GetElapsedTime(first.Value.Since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>The current write and how long it has taken; null when there is none.</summary>
    internal (string Operation, TimeSpan For)? Holder
    {
        get
        {
            lock (_lock)
            {
                return _holder is { } holder ? (holder.Operation, _time.GetElapsedTime(holder.Since)) : null;
            }
        }
    }

    /// <summary>
    /// Waits for the gate, then starts a transaction that holds it until it is disposed: no other one runs meanwhile, on any host.
    /// </summary>
    /// <exception cref="WriteGateTimeoutException">It waited for <see cref="Patience"/>.</exception>
    internal Task<GatedTransaction> BeginAsync(
        PromptPilotDbContext db,
        CancellationToken cancellationToken,
        [CallerFilePath] string file = "",
        [CallerMemberName] string member = ""
    ) => BeginAsync(db, isExclusive: true, $"{Path.GetFileNameWithoutExtension(file)}.{member}", cancellationToken);

    /// <summary>
    /// The same for a transaction that others of its kind may accompany, where the database lets them: unique indexes and revisions keep
    /// them apart.
    /// </summary>
    /// <exception cref="WriteGateTimeoutException">It waited for <see cref="Patience"/>.</exception>
    internal Task<GatedTransaction> BeginSharedAsync(
        PromptPilotDbContext db,
        CancellationToken cancellationToken,
        [CallerFilePath] string file = "",
        [CallerMemberName] string member = ""
    ) => BeginAsync(db, isExclusive: false, $"{Path.GetFileNameWithoutExtension(file)}.{member}", cancellationToken);

    private async Task<GatedTransaction> BeginAsync(
        PromptPilotDbContext db,
        bool isExclusive,
        string operation,
        CancellationToken cancellationToken
    )
    {
        if (db.TransactionHold is not null)
        {
            throw new InvalidOperationException("This context already holds the write gate and would wait for itself.");
        }

        // Those who wait in line here need no connection meanwhile, and the log can name them.
        var hold = isExclusive || db.HasOneWriter ? await EnterAsync(operation, cancellationToken) : null;
        if (hold is null && !await _shared.WaitAsync(Patience, cancellationToken))
        {
            throw new WriteGateTimeoutException(operation, "another write", Patience);
        }

        IDbContextTransaction? transaction = null;
        try
        {
            transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.LockAsync(isExclusive, cancellationToken);
            db.TransactionHold = hold;
            return new GatedTransaction(this, hold, db, transaction);
        }
        catch
        {
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }

            End(hold);
            throw;
        }
    }

    /// <summary>A transaction has ended.</summary>
    /// <param name="hold">Null for one that others may accompany.</param>
    internal void End(WriteHold? hold)
    {
        if (hold is null)
        {
            _shared.Release();
        }
        else
        {
            hold.Dispose();
        }
    }

    /// <summary>Waits for the gate. It opens again when the result is disposed.</summary>
    /// <param name="operation">The name of the write for the log, without user input.</param>
    /// <exception cref="WriteGateTimeoutException">It waited for <see cref="Patience"/>.</exception>
    internal async ValueTask<WriteHold> EnterAsync(string operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            if (_holder is null)
            {
                Wait.Record(0);
                return Grant(operation);
            }

            waiter = new Waiter(operation, _time.GetTimestamp());
            _waiting.AddLast(waiter);
        }

        await using var registration = cancellationToken.UnsafeRegister((_, token) => GiveUp(waiter, token), null);
        try
        {
            var hold = await waiter.Granted.Task;
            Wait.Record(_time.GetElapsedTime(waiter.Since, hold.Since).TotalSeconds);
            return hold;
        }
        catch
        {
            Wait.Record(ElapsedSeconds(waiter.Since));
            throw;
        }
    }

    /// <summary>Enters when the gate is free.</summary>
    /// <returns>Null when someone is.</returns>
    internal WriteHold? TryEnter(string operation)
    {
        lock (_lock)
        {
            return _holder is null ? Grant(operation) : null;
        }
    }

    internal void Leave(WriteHold hold)
    {
        lock (_lock)
        {
            if (_holder != hold)
            {
                return;
            }

            _holder = null;
            GrantNext();
        }

        if (hold.IsReported)
        {
            _log.LogInformation("{Operation} released the write gate after {Seconds:0} s", hold.Operation, ElapsedSeconds(hold.Since));
        }
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _shared.Dispose();
    }

    private WriteHold Grant(string operation) => _holder = new WriteHold(this, operation, _time.GetTimestamp());

    /// <summary>Lets in the first of the line when the gate is free. A fault in here changes nothing else.</summary>
    private void GrantNext()
    {
        if (_holder is null && _waiting.First is { } first)
        {
            var hold = Grant(first.Value.Operation);
            _waiting.RemoveFirst();
            first.Value.Granted.SetResult(hold);
        }
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiting.Remove(waiter))
            {
                waiter.Granted.SetCanceled(cancellationToken);
            }
        }
    }

    /// <summary>Logs a slow write once, ends waits that have reached their timeout, and lets in who waits at a free gate.</summary>
    private void Look()
    {
        WriteHold? toReport = null;
        var waiting = 0;
        lock (_lock)
        {
            if (_holder is { IsReported: false } holder && _time.GetElapsedTime(holder.Since) >= LongHold)
            {
                (holder.IsReported, toReport, waiting) = (true, holder, _waiting.Count);
            }

            GrantNext();
            while (_holder is { } longest && _waiting.First is { } first && _time.GetElapsedTime(first.Value.Since) >= Patience)
            {
                _waiting.RemoveFirst();
                first.Value.Granted.SetException(
                    new WriteGateTimeoutException(first.Value.Operation, longest.Operation, _time.GetElapsedTime(longest.Since))
                );
            }
        }

        if (toReport is not null)
        {
            _log.LogWarning(
                "{Operation} has held the write gate for {Seconds:0} s; {Count} other writes are waiting",
                toReport.Operation,
                ElapsedSeconds(toReport.Since),
                waiting
            );
        }
    }

    private double ElapsedSeconds(long since) => _time.GetElapsedTime(since).TotalSeconds;
}

/// <summary>The right to write. Disposing it lets the next writer in; disposing it again does nothing.</summary>
internal sealed class WriteHold(WriteGate gate, string operation, long since) : IDisposable
{
    public string Operation => operation;

    public long Since => since;

    /// <summary>True when the log has named it as slow.</summary>
    public bool IsReported { get; set; }

    public void Dispose() => gate.Leave(this);
}

/// <summary>A transaction that holds the write gate. Disposed without <see cref="CommitAsync"/>, it rolls back.</summary>
internal sealed class GatedTransaction(WriteGate gate, WriteHold? hold, PromptPilotDbContext db, IDbContextTransaction transaction)
    : IAsyncDisposable
{
    private bool _hasEnded;

    public Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            db.TransactionHold = null;
            gate.End(hold);
        }
    }
}
