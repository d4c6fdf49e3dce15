using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Cluster;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting;

/// <summary>The one place that chooses the database: SQLite in the data directory, or PostgreSQL where it is set.</summary>
internal static class Databases
{
    public static IServiceCollection AddDatabase(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ISettingsCheck, PostgresConnection>();
        services.AddSingleton<ISettingsCheck, RedisConnection>();
        return PostgresConnection.Find(configuration) is { } postgres
            ? services
                .AddCluster(postgres, PostgresConnection.HasSeveralHosts(configuration))
                .AddClusterRuns()
                .AddForeignRuns(RedisConnection.Find(configuration) is not null)
                .AddServerStorage()
                .AddHostedService<ReadinessReport>()
            : services.AddSingleHost(provider => provider.GetRequiredService<DataDirectory>().Database).AddFileStorage();
    }
}
