using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Tests.Support;

/// <summary>Two portals in this process, on one database of PostgreSQL. The test is skipped where the tests run on SQLite.</summary>
public sealed class TwoPortals : IAsyncDisposable
{
    private readonly TempDirectory _directory;

    private TwoPortals(TempDirectory directory, PortalHost a, PortalHost b) => (_directory, A, B) = (directory, a, b);

    public PortalHost A { get; }

    public PortalHost B { get; }

    private static string File(TempDirectory directory) => directory.File("two");

    /// <param name="services">Registrations of both that replace the hosts' own.</param>
    /// <param name="settings">Settings of both.</param>
    /// <param name="settingsOfB">More settings of B, as its environment would have them.</param>
    public static async Task<TwoPortals> StartAsync(
        Action<IServiceCollection>? services = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        bool isUnattended = true,
        IReadOnlyDictionary<string, string?>? settingsOfB = null
    )
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        var directory = new TempDirectory();
        var options = new PortalOptions
        {
            Services = services ?? (_ => { }),
            Unattended = isUnattended,
            Settings = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
            {
                [PostgresConnection.Key] = await DatabaseTemplate.PrepareAsync(File(directory)),
            },
        };
        var a = await PortalHost.StartAsync(options);
        var ofB = new Dictionary<string, string?>(options.Settings);
        foreach (var (key, value) in settingsOfB ?? new Dictionary<string, string?>())
        {
            ofB[key] = value;
        }

        return new TwoPortals(directory, a, await PortalHost.StartAsync(options with { Unattended = false, Settings = ofB }));
    }

    public async ValueTask DisposeAsync()
    {
        await B.DisposeAsync();
        await A.DisposeAsync();
        await PostgresDatabase.DropAsync(File(_directory));
        _directory.Dispose();
    }
}
