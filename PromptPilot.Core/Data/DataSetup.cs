using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Texts;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Data;

/// <summary>The door of the data feature.</summary>
public static class DataSetup
{
    /// <summary>One host on SQLite, the default.</summary>
    /// <param name="databasePath">Path of the SQLite file, known only when the container is built.</param>
    public static IServiceCollection AddSingleHost(this IServiceCollection services, Func<IServiceProvider, string> databasePath) =>
        services
            .AddSingleton<WriteGateInterceptor>()
            .AddData<SqlitePromptPilotDbContext>(
                (provider, options) =>
                    options
                        .UseSqlite($"Data Source={databasePath(provider)};Default Timeout=30")
                        // The one such operation has a transaction of its own and can be repeated (migration WorkflowTestSets).
                        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.NonTransactionalMigrationOperationWarning))
                        .AddInterceptors(
                            provider.GetRequiredService<AuditInterceptor>(),
                            provider.GetRequiredService<StorableTextInterceptor>(),
                            provider.GetRequiredService<WriteGateInterceptor>(),
                            provider.GetRequiredService<DataVersionInterceptor>()
                        )
            );

    /// <summary>
    /// The pooled context factory, the write gate, the count of commits, and a scoped context for Identity's stores, for any provider.
    /// </summary>
    internal static IServiceCollection AddData<T>(
        this IServiceCollection services,
        Action<IServiceProvider, DbContextOptionsBuilder> useProvider
    )
        where T : PromptPilotDbContext
    {
        services.AddIdentitySchema();
        services.AddLogging();
        services.AddSingleton<HostIdentity>();
        services.AddSingleton<HostState>();
        services.TryAddSingleton<Duties>();
        services.AddSingleton<ReadyGate>();
        services.AddSingleton<WriteGate>();
        services.AddSingleton<DatabaseProbe>();
        services.AddSingleton<AuditInterceptor>();
        services.AddSingleton<StorableTextInterceptor>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<DataVersion>();
        services.AddSingleton<DataVersionInterceptor>();
        services.AddPooledDbContextFactory<T>(
            (provider, options) =>
            {
                useProvider(provider, options);
                // The caller that catches the exception logs it or explains it to a person.
                options.ConfigureWarnings(warnings =>
                    warnings.Log(
                        (RelationalEventId.CommandError, LogLevel.Debug),
                        (RelationalEventId.TransactionError, LogLevel.Debug),
                        (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                        (CoreEventId.QueryIterationFailed, LogLevel.Debug)
                    )
                );
            }
        );
        services.AddSingleton<IDbContextFactory<PromptPilotDbContext>, NeutralContextFactory<T>>();
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContext());
        return services;
    }

    /// <summary>
    /// Identity's part of the model depends on its options, which a context takes from the container. Version 3 brings passkeys.
    /// </summary>
    internal static IServiceCollection AddIdentitySchema(this IServiceCollection services) =>
        services.Configure<IdentityOptions>(identity => identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3);
}
