using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Storage.Keys;

namespace PromptPilot.Core.Storage;

/// <summary>The door of the feature. The host registers the <see cref="StoragePaths"/>.</summary>
public static class StorageSetup
{
    public static IServiceCollection AddStorage(this IServiceCollection services) =>
        services.AddSingleton<BackupService>().AddSingleton<StorageService>();

    /// <summary>Database and key ring are files in the data directory.</summary>
    public static IServiceCollection AddFileStorage(this IServiceCollection services) =>
        services
            .AddSingleton<IDatabaseStart, SqliteStart>()
            .AddSingleton<IDatabaseCare, SqliteCare>()
            .AddSingleton(provider => new KeyRingPlace(provider.GetRequiredService<StoragePaths>().KeyRing));

    /// <summary>Database and key ring are on a server that hosts share.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IServiceCollection AddServerStorage(this IServiceCollection services)
    {
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<IDbContextFactory<PromptPilotDbContext>>((keys, contexts) => keys.XmlRepository = new DatabaseKeyRing(contexts));
        return services.AddSingleton<IDatabaseCare, PostgresCare>().AddSingleton<PostgresMove>().AddSingleton(new KeyRingPlace(null));
    }
}
