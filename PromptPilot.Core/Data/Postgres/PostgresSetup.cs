using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Data.Texts;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>The only door to PostgreSQL: nothing of it is loaded where SQLite is used.</summary>
public static class PostgresSetup
{
    /// <summary>Hosts on PostgreSQL.</summary>
    /// <param name="connectionString">Checked later, with all settings.</param>
    /// <param name="hasSeveralHosts">Whether other hosts may use the database at the same time.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IServiceCollection AddCluster(this IServiceCollection services, string connectionString, bool hasSeveralHosts = true) =>
        services
            .AddSingleton(new ClusterOptions(hasSeveralHosts))
            .AddSingleton<IDatabaseStart, PostgresStart>()
            .AddSingleton<HostSession>()
            .AddSingleton<HostReporter>()
            .AddSingleton(provider => new HostNotice(HostReporter.Channel, provider.GetRequiredService<HostReporter>().Heard))
            .AddSingleton<ForeignData>()
            .AddSingleton<DutyLocks>()
            .AddSingleton<ChangeTeller>()
            .AddHostedService<HostMembership>()
            .AddData<PostgresPromptPilotDbContext>(
                (provider, options) =>
                    options
                        // Not by a data source: EF builds a model for each, and compiled queries belong to one.
                        .UseNpgsql(PostgresConnection.Complete(connectionString))
                        .AddInterceptors(
                            provider.GetRequiredService<AuditInterceptor>(),
                            provider.GetRequiredService<StorableTextInterceptor>(),
                            provider.GetRequiredService<DataVersionInterceptor>(),
                            provider.GetRequiredService<ChangeTeller>()
                        )
            );
}
