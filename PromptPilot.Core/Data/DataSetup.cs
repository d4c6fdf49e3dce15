using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Data;

/// <summary>The door of the data feature.</summary>
public static class DataSetup
{
    /// <summary>Registers the pooled context factory, the write gate, and a scoped context for Identity's stores.</summary>
    /// <param name="databasePath">Of the SQLite file, known only when the container is built.</param>
    public static IServiceCollection AddData(this IServiceCollection services, Func<IServiceProvider, string> databasePath)
    {
        services.AddSingleton<ReadyGate>();
        services.AddSingleton<WriteGate>();
        services.AddSingleton<WriteGateInterceptor>();
        services.AddPooledDbContextFactory<SqlitePromptPilotDbContext>((provider, options) => options
            .UseSqlite($"Data Source={databasePath(provider)};Foreign Keys=True;Default Timeout=30")
            .AddInterceptors(provider.GetRequiredService<WriteGateInterceptor>()));
        services.AddSingleton<IDbContextFactory<PromptPilotDbContext>, NeutralContextFactory>();
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContext());
        return services;
    }
}
