using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>What only PostgreSQL does: its locks, its refusals and its start. Skipped where the tests run on SQLite.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class PostgresTests : IAsyncLifetime
{
    private readonly Workflow _workflow = new() { Name = "w" };
    private TestDatabase _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private WriteGate Gate => _database.Get<WriteGate>();

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        _database = await TestDatabase.CreateAsync(services => services.AddSingleton<HookOutbox>());
        await _database.SaveAsync(_workflow);
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? default;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Gate_WithAnExclusiveSide_KeepsAnotherHostWaiting(bool hereExclusive, bool thereExclusive)
    {
        await using var there = await LockElsewhereAsync(thereExclusive);
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        var here = hereExclusive ? Gate.BeginAsync(db, Token) : Gate.BeginSharedAsync(db, Token);

        await Eventually.HoldsAsync(async () => await WaitingAsync() == 1, "this host to wait for the lock");
        here.IsCompleted.Should().BeFalse();
        await there.DisposeAsync();

        await using var transaction = await here.WaitAsync(Eventually.DefaultLimit, Token);
        await transaction.CommitAsync(Token);
    }

    [Fact]
    public async Task Gate_SharedByBothSides_LetsBothWrite()
    {
        await using var there = await LockElsewhereAsync(isExclusive: false);
        await using var journal = NewJournal();
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);

        await using var transaction = await Gate.BeginSharedAsync(db, Token).WaitAsync(Eventually.DefaultLimit, Token);
        var appended = await journal.AppendAsync(New("one")).WaitAsync(Eventually.DefaultLimit, Token);

        appended.Should().Be(AppendResult.Committed);
    }

    [Fact]
    public async Task Append_WhileAnotherHostHoldsTheGate_Waits()
    {
        var there = await LockElsewhereAsync(isExclusive: true);
        await using var journal = NewJournal();

        var appended = journal.AppendAsync(New("one"));
        await Eventually.HoldsAsync(async () => await WaitingAsync() == 1, "the journal to wait for the lock");
        appended.IsCompleted.Should().BeFalse();
        await there.DisposeAsync();

        (await appended.WaitAsync(Eventually.DefaultLimit, Token)).Should().Be(AppendResult.Committed);
    }

    [Fact]
    public async Task Append_OfManyAtOnce_TellsEachItsOwnOutcome()
    {
        // They wait for the lock, so that most of them share a commit.
        var there = await LockElsewhereAsync(isExclusive: true);
        await using var journal = NewJournal();
        var first = journal.AppendAsync(New("first"));
        await Eventually.HoldsAsync(async () => await WaitingAsync() == 1, "the journal to wait for the lock");
        var good = Enumerable.Range(0, 20).Select(number => journal.AppendAsync(New($"good {number}"))).ToList();
        var twice = new[] { journal.AppendAsync(New("same")), journal.AppendAsync(New("same")) };
        var orphan = journal.AppendAsync(New("orphan", parent: "deleted"));
        var stranger = journal.AppendAsync(New("stranger", workflow: "deleted"));
        var huge = journal.AppendAsync(New(RandomText(20_000)));
        await there.DisposeAsync();

        (await Task.WhenAll([first, .. good])).Should().OnlyContain(result => result == AppendResult.Committed);
        (await Task.WhenAll(twice)).Should().BeEquivalentTo([AppendResult.Committed, AppendResult.Duplicate]);
        (await orphan).Should().NotBe(AppendResult.Committed);
        (await stranger).Should().NotBe(AppendResult.Committed);
        await FluentActions.Awaiting(() => huge).Should().ThrowAsync<EntryUnwritableException>("no index can hold such a key");
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.WorkflowRuns.CountAsync(Token)).Should().Be(22);
        (await db.RunEvents.CountAsync(Token)).Should().Be(22);
    }

    [Fact]
    public async Task Append_OfWhatWasCommittedBeforeTheConnectionWasLost_SaysSo()
    {
        await using var journal = NewJournal();
        var entry = New("one");
        (await journal.AppendAsync(entry)).Should().Be(AppendResult.Committed);

        (await journal.AppendAsync(entry)).Should().Be(AppendResult.Committed);

        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.RunEvents.CountAsync(Token)).Should().Be(1);
    }

    [Fact]
    public async Task Append_AfterItsConnectionWasCut_TriesAgain()
    {
        await using var journal = NewJournal();
        var run = New("one");
        await journal.AppendAsync(run);
        await ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );
        run.Run.LastSeq = 2;
        var next = run with { IsNew = false, ExpectedSeq = 1, Events = [Event(run.Run, 2)] };

        (await journal.AppendAsync(next).WaitAsync(Eventually.DefaultLimit, Token)).Should().Be(AppendResult.Committed);
    }

    [Fact]
    public async Task Start_OnADatabaseOfALaterVersion_IsRefused()
    {
        await ExecuteAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20990101000000_Later', '99.0.0')""");
        await using var host = Host(await ConnectionAsync());

        (await StartAsync(host)).Should().Contain("20990101000000_Later").And.Contain("another version");
    }

    [Fact]
    public async Task Start_WithoutADatabase_OrRights_SaysWhatToDo()
    {
        var missing = new NpgsqlConnectionStringBuilder(await ConnectionAsync()) { Database = "nowhere" }.ConnectionString;
        await using var nowhere = Host(missing);
        (await StartAsync(nowhere)).Should().Contain("CREATE DATABASE \"nowhere\"");

        await ExecuteAsync(
            "DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        );
        var guest = new NpgsqlConnectionStringBuilder(await ConnectionAsync()) { Username = "guest" }.ConnectionString;
        await using var powerless = Host(guest);
        (await StartAsync(powerless)).Should().Contain("The account guest cannot create tables").And.Contain("ALTER DATABASE");
    }

    private static ServiceProvider Host(string connection) =>
        new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddSingleton<IHostApplicationLifetime, NoLifetime>()
            .AddCluster(connection)
            .BuildServiceProvider();

    private static Task<string?> StartAsync(ServiceProvider host) =>
        host.GetRequiredService<IDatabaseStart>().PrepareAsync(new Version(1, 2, 3), Token);

    private static string RandomText(int length) =>
        string.Concat(Enumerable.Range(0, length / 32).Select(_ => Guid.NewGuid().ToString("N")));

    private static RunEvent Event(WorkflowRun run, int seq) =>
        new()
        {
            RunId = run.Id,
            Seq = seq,
            Type = RunEventType.Queued,
            At = DateTime.UtcNow,
        };

    private RunJournal NewJournal() =>
        new(_database.Contexts, Gate, _database.Get<HookOutbox>(), TimeProvider.System, NullLogger<RunJournal>.Instance);

    private JournalEntry New(string key, string? parent = null, string? workflow = null)
    {
        var run = new WorkflowRun
        {
            WorkflowId = workflow ?? _workflow.Id,
            WorkflowName = "w",
            ParentRunId = parent,
            IdempotencyActor = "person",
            IdempotencyKey = key,
            LastSeq = 1,
        };
        return new JournalEntry
        {
            Run = run,
            IsNew = true,
            Events = [Event(run, 1)],
        };
    }

    /// <summary>Takes the gate as a transaction of another host does, until it is disposed.</summary>
    private async Task<NpgsqlConnection> LockElsewhereAsync(bool isExclusive)
    {
        var connection = new NpgsqlConnection(await ConnectionAsync() + ";Pooling=false");
        await connection.OpenAsync(Token);
        await RunAsync(connection, "BEGIN");
        await RunAsync(connection, isExclusive ? PostgresLocks.Exclusive : PostgresLocks.Shared);
        return connection;
    }

    private async Task<long> WaitingAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return await db
            .Database.SqlQuery<long>(
                $"""
                SELECT count(*) AS "Value" FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()
                """
            )
            .SingleAsync(Token);
    }

    private async Task<string> ConnectionAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return db.Database.GetConnectionString()!;
    }

    private async Task ExecuteAsync(params string[] statements)
    {
        await using var connection = new NpgsqlConnection(await ConnectionAsync() + ";Pooling=false");
        await connection.OpenAsync(Token);
        foreach (var statement in statements)
        {
            await RunAsync(connection, statement);
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Statements of tests, written in their source.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
    }

    private sealed class NoLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() { }
    }
}
