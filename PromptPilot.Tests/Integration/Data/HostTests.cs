using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>Hosts that start on one database, leave it, and lose their connection.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class HostTests : IAsyncLifetime
{
    private const string Terminate = """
        SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN "Hosts" h ON l.objid::bigint = 1000 + h."Number"
        WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private readonly TempDirectory _directory = new();
    private string _connection = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        _connection = (await DatabaseTemplate.PrepareAsync(_directory.File("hosts")))!;
    }

    public async ValueTask DisposeAsync()
    {
        await PostgresDatabase.DropAsync(_directory.File("hosts"));
        _directory.Dispose();
    }

    [Fact]
    public async Task Start_OfASecondHost_IsRefused_UntilTheFirstEnds()
    {
        await using (var first = Host(hasSeveralHosts: false))
        {
            (await StartAsync(first)).Should().BeNull();
            await using var second = Host(hasSeveralHosts: false);
            (await StartAsync(second)).Should().Contain("Another PromptPilot uses the database");
            await BeginAsync(first);

            (await StartAsync(second)).Should().Contain("Another PromptPilot uses the database");
        }

        await using var third = Host(hasSeveralHosts: false);
        (await StartAsync(third)).Should().BeNull();
    }

    [Fact]
    public async Task Start_OfHostsThatStartTogether_GoesOneByOne_AndEntersEach()
    {
        await using var first = Host();
        await using var second = Host();
        (await StartAsync(first)).Should().BeNull();

        var starting = StartAsync(second);
        starting.IsCompleted.Should().BeFalse("the first may still change the database");
        await BeginAsync(first);

        (await starting).Should().BeNull();
        first.GetRequiredService<HostState>().WasAlone.Should().BeTrue();
        second.GetRequiredService<HostState>().WasAlone.Should().BeFalse();
        (await ReadAsync<long>("""SELECT count(*) FROM "Hosts" WHERE "LeaseUntil" > now()""")).Should().Be(2);
    }

    [Fact]
    public async Task Start_BesideAnotherVersion_IsRefused_AndAfterItsEndAllowed()
    {
        await using (var old = Host())
        {
            (await StartAsync(old, "1.2.3")).Should().BeNull();
            await BeginAsync(old);
            await using var early = Host();

            (await StartAsync(early, "1.3.0")).Should().Contain("runs version 1.2.3").And.Contain("Stop the hosts of the other version");
        }

        await using var next = Host();
        (await StartAsync(next, "1.3.0")).Should().BeNull();
    }

    [Fact]
    public async Task Start_BesideAKilledHostOfAnotherVersion_WaitsForTheEndOfItsLease()
    {
        await using var first = Host();
        (await StartAsync(first)).Should().BeNull();
        await BeginAsync(first);
        const string Killed =
            """INSERT INTO "Hosts" ("Id", "Name", "Version", "Schema", "LeaseUntil") VALUES ('k', 'k', '0.9.0', 's', now() + interval '1 hour')""";
        await ReadAsync<object?>(Killed);
        await using var next = Host();

        var starting = StartAsync(next);
        await Eventually.HoldsAsync(async () => await ReadAsync<long>(Starting) == 1, "the next host to look at the others");
        starting.IsCompleted.Should().BeFalse();
        await ReadAsync<object?>("""UPDATE "Hosts" SET "LeaseUntil" = now() WHERE "Id" = 'k'""");

        (await starting.WaitAsync(Eventually.DefaultLimit, Token)).Should().BeNull();
    }

    [Fact]
    public async Task Session_ThatWasCut_ComesBack_AndTrustsNothingMeanwhile()
    {
        await using var host = Host(hasSeveralHosts: false);
        (await StartAsync(host)).Should().BeNull();
        await BeginAsync(host);
        var version = host.GetRequiredService<DataVersion>();
        const string Listening = """SELECT count(*) FROM "Hosts" WHERE "ListeningSince" IS NOT NULL""";
        await Eventually.HoldsAsync(async () => await ReadAsync<long>(Listening) == 1, "the session to answer");

        var before = version.Current;

        await ReadAsync<object?>(Terminate);

        await Eventually.HoldsAsync(() => version.Current != before, "the host to notice");
        await Eventually.HoldsAsync(() => version.IsTrusted, "the host to come back");
        version.Current.Should().Be(version.Current);
        host.GetRequiredService<HostState>().Problem.Should().BeNull();
        Lifetime(host).HasStopped.Should().BeFalse();
    }

    [Fact]
    public async Task Session_ThatCannotRegister_KeepsThePool_AndTriesWithPauses()
    {
        await using var host = Host();
        (await StartAsync(host)).Should().BeNull();
        await BeginAsync(host);
        var version = host.GetRequiredService<DataVersion>();
        await Eventually.HoldsAsync(() => HasAll(host), "the session to work");
        var db = await host.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        await db.Database.OpenConnectionAsync(Token);
        var backend = await db.Database.SqlQuery<int>($"SELECT pg_backend_pid() AS \"Value\"").SingleAsync(Token);
        await ReadAsync<object?>("""ALTER TABLE "Hosts" RENAME TO "Gone" """);
        await Eventually.HoldsAsync(() => host.GetRequiredService<HostState>().Problem?.Contains("refuses") == true, "the host to notice");
        var (before, watch) = (version.Current, System.Diagnostics.Stopwatch.StartNew());

        await Eventually.HoldsAsync(() => watch.Elapsed.TotalSeconds > 1, "a second to pass");
        (version.Current - before).Should().BeLessThan(20, "each try raises the count twice");
        await db.DisposeAsync();
        (await ReadAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE pid = {backend}"))
            .Should()
            .Be(1, "a connection that was in use meanwhile goes back to the pool");
        await ReadAsync<object?>("""ALTER TABLE "Gone" RENAME TO "Hosts" """);

        await Eventually.HoldsAsync(() => version.IsTrusted && HasAll(host), "the host to come back");
    }

    [Fact]
    public async Task Session_WhoseOldOneStillHoldsTheLock_EndsTheOldOne_AndDoesNotStop()
    {
        await using var host = Host(hasSeveralHosts: false);
        (await StartAsync(host)).Should().BeNull();
        var session = host.GetRequiredService<HostSession>();
        var old = await ReadAsync<int>(HolderOf);
        // As after a cut that the server has not noticed: the connection is left open, and a new one is made.
        await using var halfOpen = session.Release();
        await session.OpenAsync(Token);

        await Eventually.HoldsAsync(() => session.TryReturnAsync(Token), "the lock of the old session");

        (await ReadAsync<int>(HolderOf)).Should().NotBe(old);
    }

    [Fact]
    public async Task Duties_OfAHostThatEnds_OrHangs_GoToAnother()
    {
        await using var third = Host();
        await using (var second = Host())
        {
            await using (var first = Host())
            {
                (await StartAsync(first)).Should().BeNull();
                await BeginAsync(first);
                (await StartAsync(second)).Should().BeNull();
                await BeginAsync(second);
                await Eventually.HoldsAsync(() => HasAll(first), "the first host to take the duties");
                second.GetRequiredService<Duties>().All.Should().OnlyContain(duty => !duty.IsMine);
            }

            await Eventually.HoldsAsync(() => HasAll(second), "the second host to take the duties of the one that ended");
            (await StartAsync(third)).Should().BeNull();
            await BeginAsync(third);
            // The second hangs: its session stays open, and its lease is not renewed.
            await second.GetServices<IHostedService>().OfType<HostMembership>().Single().StopAsync(Token);
            await ReadAsync<object?>("""UPDATE "Hosts" SET "LeaseUntil" = now() - interval '1 second' WHERE "Number" < 3""");

            await Eventually.HoldsAsync(() => HasAll(third), "the third host to take the duties of the one that hangs");
        }
    }

    private static bool HasAll(ServiceProvider host) => host.GetRequiredService<Duties>().All.All(duty => duty.IsMine);

    private const string HolderOf = """
        SELECT l.pid FROM pg_locks l JOIN "Hosts" h ON l.objid::bigint = 1000 + h."Number"
        WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private const string Starting = """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND objid = 2 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private ServiceProvider Host(bool hasSeveralHosts = true) =>
        new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddSingleton<IHostApplicationLifetime, FakeLifetime>()
            .AddCluster(_connection, hasSeveralHosts)
            .BuildServiceProvider();

    private static FakeLifetime Lifetime(ServiceProvider host) => (FakeLifetime)host.GetRequiredService<IHostApplicationLifetime>();

    private static Task<string?> StartAsync(ServiceProvider host, string version = "1.2.3") =>
        host.GetRequiredService<IDatabaseStart>().PrepareAsync(new Version(version), Token);

    private static async Task BeginAsync(ServiceProvider host)
    {
        foreach (var service in host.GetServices<IHostedService>())
        {
            await service.StartAsync(Token);
        }
    }

    private async Task<T> ReadAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_connection + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Statements of tests, written in their source.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    private sealed class FakeLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public bool HasStopped { get; private set; }

        public void StopApplication() => HasStopped = true;
    }
}
