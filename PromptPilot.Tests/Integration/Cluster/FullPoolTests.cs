using System.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>What a host does while all connections of its pool are in use.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class FullPoolTests
{
    /// <summary>Shorter than the pool waits for a free connection.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_AndCommits_OfARun_GoOnWhileThePoolIsFull()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var run = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"])));
        await model.Reached("one");
        using var watch = (await host.Runs.WatchAsync(host.Person, run, Cancellation)).Value;
        await using var other = await ConnectAsync(host);
        await using (new FullPool(host))
        {
            var lease = await LeaseAsync(other);

            await Eventually.HoldsAsync(async () => await LeaseAsync(other) > lease.AddSeconds(3), "two renewals", Soon);

            // The journal reads which workflows have hooks.
            host.Get<DataVersion>().Raise();
            model.Release("one");
            await watch.WaitForEndAsync(Soon, Cancellation);
            watch.Snapshot().Status.Should().Be(RunStatus.Succeeded);
        }
    }

    [Fact]
    public async Task Read_WithinAnExclusiveWrite_WhileManyOthersWaitForIt_GetsAConnection()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var gate = host.Get<WriteGate>();
        await using var db = host.Db();
        var transaction = await gate.BeginAsync(db, Cancellation);
        Task[] waiting = [.. Enumerable.Range(0, 2 * FullPool.SizeOf(host)).Select(_ => Task.Run(WriteAsync))];
        await Eventually.HoldsAsync(async () => await WaitingAsync(db) > 0, "the first of them to wait in the database");

        await using (var second = host.Db())
        {
            (await second.Users.CountAsync(Cancellation).WaitAsync(Soon, Cancellation)).Should().BePositive();
        }

        await transaction.DisposeAsync();
        await Task.WhenAll(waiting);

        async Task WriteAsync()
        {
            await using var own = host.Db();
            await using var shared = await gate.BeginSharedAsync(own, Cancellation);
        }

        static async Task<int> WaitingAsync(PromptPilotDbContext db) =>
            await db
                .Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM pg_locks WHERE locktype = 'advisory' AND NOT granted""")
                .SingleAsync(Cancellation);
    }

    private static async Task<NpgsqlConnection> ConnectAsync(EngineHost host)
    {
        await using var db = host.Db();
        var connection = new NpgsqlConnection(db.Database.GetConnectionString() + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task<DateTime> LeaseAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT \"LeaseUntil\" FROM \"WorkflowRuns\"", connection);
        return (DateTime)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Takes all connections, and stays first in line for each that is returned.</summary>
    private sealed class FullPool : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly List<PromptPilotDbContext> _contexts;
        private readonly List<Task> _opening;

        public FullPool(EngineHost host)
        {
            _contexts = [.. Enumerable.Range(0, 2 * SizeOf(host)).Select(_ => host.Db())];
            _opening = [.. _contexts.Select(context => context.Database.OpenConnectionAsync(_end.Token))];
        }

        public static int SizeOf(EngineHost host)
        {
            using var db = host.Db();
            return new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()).MaxPoolSize;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAll(_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var context in _contexts)
            {
                await context.DisposeAsync();
            }

            _end.Dispose();
        }
    }
}
