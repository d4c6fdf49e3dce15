using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>Two engines on one database of PostgreSQL, each with slots of its own, as two hosts have them.</summary>
internal sealed class TwoEngines : IAsyncDisposable
{
    private readonly string _path;

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
            engines.A = await EngineHost.StartAsync(modelOfA, engines._path, slotsOfA);
            await (beforeB?.Invoke(engines.A) ?? Task.CompletedTask);
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

        await PostgresDatabase.DropAsync(_path);
    }
}
