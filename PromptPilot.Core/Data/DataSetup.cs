using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data.Texts;

namespace PromptPilot.Core.Data;

/// <summary>The door of the data feature.</summary>
public static class DataSetup
{
    /// <summary>
    /// Registers the pooled context factory, the write gate, the count of commits, and a scoped context for Identity's stores.
    /// </summary>
    /// <param name="databasePath">Path of the SQLite file, known only when the container is built.</param>
    public static IServiceCollection AddData(this IServiceCollection services, Func<IServiceProvider, string> databasePath)
    {
        services.AddIdentitySchema();
        services.AddLogging();
        services.AddSingleton<ReadyGate>();
        services.AddSingleton<WriteGate>();
        services.AddSingleton<WriteGateInterceptor>();
        services.AddSingleton<DatabaseProbe>();
        services.AddSingleton<AuditInterceptor>();
        services.AddSingleton<StorableTextInterceptor>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<DataVersion>();
        services.AddSingleton<DataVersionInterceptor>();
        services.AddPooledDbContextFactory<SqlitePromptPilotDbContext>(
            (provider, options) =>
                options
                    .UseSqlite($"Data Source={databasePath(provider)};Default Timeout=30")
                    // The caller that catches the exception logs it or explains it to a person.
                    .ConfigureWarnings(warnings =>
                        warnings
                            // The one such operation has a transaction of its own and can be repeated (migration WorkflowTestSets).
                            .Ignore(RelationalEventId.NonTransactionalMigrationOperationWarning)
                            .Log(
                                (RelationalEventId.CommandError, LogLevel.Debug),
                                (RelationalEventId.TransactionError, LogLevel.Debug),
                                (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                                (CoreEventId.QueryIterationFailed, LogLevel.Debug)
                            )
                    )
                    .AddInterceptors(
                        provider.GetRequiredService<AuditInterceptor>(),
                        provider.GetRequiredService<StorableTextInterceptor>(),
                        provider.GetRequiredService<WriteGateInterceptor>(),
                        provider.GetRequiredService<DataVersionInterceptor>()
                    )
        );
        services.AddSingleton<IDbContextFactory<PromptPilotDbContext>, NeutralContextFactory>();
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContext());
        return services;
    }

    /// <summary>
    /// Identity's part of the model depends on its options, which a context takes from the container. Version 3 brings passkeys.
    /// </summary>
    internal static IServiceCollection AddIdentitySchema(this IServiceCollection services) =>
        services.Configure<IdentityOptions>(identity => identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3);
}
