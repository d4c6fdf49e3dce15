using PromptPilot.Core.Data.Postgres;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>Two published portals on one PostgreSQL database. Their leases are shorter than usual to keep the tests short.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    public static int LeaseSeconds { get; } = Figures.FromEnvironment("SOAK_LEASE_SECONDS", 3);

    private readonly List<PublishedPortal> _portals = [];

    public PublishedPortal A => _portals[0];

    public PublishedPortal B => _portals[1];

    /// <param name="more">More settings of both.</param>
    public static async Task<ClusterHost> StartAsync(PublishedBuild build, IReadOnlyDictionary<string, string?>? more = null)
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        var cluster = new ClusterHost();
        try
        {
            var settings = new Dictionary<string, string?> { ["PromptPilot:Runs:LeaseSeconds"] = $"{LeaseSeconds}" };
            foreach (var (key, value) in more ?? new Dictionary<string, string?>())
            {
                settings[key] = value;
            }

            cluster._portals.Add(await PublishedPortal.StartAsync(build, settings));
            settings = new(settings) { [PostgresConnection.Key] = cluster.A.Postgres };
            cluster._portals.Add(await PublishedPortal.StartAsync(build, settings));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The second portal first, because it uses the first one's database.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var portal in Enumerable.Reverse(_portals))
        {
            await portal.DisposeAsync();
        }
    }
}
