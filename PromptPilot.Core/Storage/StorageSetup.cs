using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Storage;

/// <summary>The door of the feature. The host registers the <see cref="StoragePaths"/>.</summary>
public static class StorageSetup
{
    public static IServiceCollection AddStorage(this IServiceCollection services) =>
        services.AddSingleton<IDatabaseCare, SqliteCare>().AddSingleton<BackupService>().AddSingleton<StorageService>();
}
