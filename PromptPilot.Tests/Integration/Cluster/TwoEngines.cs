using System.Data.Common;
using Npgsql;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>Two engines on one database of PostgreSQL, each with slots of its own, as two hosts have them.</summary>
internal sealed class TwoEngines : IAsyncDisposable
{
    private readonly string _path;
    private readonly List<DbConnection> _sessions = [];

    private TwoEngines(string path) => _path = path;

    public EngineHost A { get; private set; } = null!;

    public EngineHost B { get; private set; } = null!;

    /// <param name="beforeB">Runs when A has started.</param>
    public static async Task<TwoEngines> StartAsync(
        IModelGateway modelOfA,
        IModelGateway modelOfB,
        int slotsOfA = 100,
        int slotsOfB = 100,
        Func<EngineHost, Task>? beforeB = null
    )
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        var engines = new TwoEngines(Path.Combine(Path.GetTempPath(), $"promptpilot-engines-{Ids.New()}.db"));
        try
        {
            await engines.ConnectAsync(number: 1);
            engines.A = await EngineHost.StartAsync(modelOfA, engines._path, slotsOfA);
            await (beforeB?.Invoke(engines.A) ?? Task.CompletedTask);
            await engines.ConnectAsync(number: 2);
            engines.B = await EngineHost.StartAsync(modelOfB, engines._path, slotsOfB);
            return engines;
        }
        catch
        {
            await engines.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in new[] { A, B })
        {
            await (engine?.DisposeAsync() ?? default);
        }

        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }

        await PostgresDatabase.DropAsync(_path);
    }

    /// <summary>Holds the lock that shows other hosts that a portal is alive.</summary>
    private async Task ConnectAsync(int number)
    {
        var connection = new NpgsqlConnection(await DatabaseTemplate.PrepareAsync(_path));
        _sessions.Add(connection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT pg_advisory_lock({PostgresLocks.Class}, {1000 + number})";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
