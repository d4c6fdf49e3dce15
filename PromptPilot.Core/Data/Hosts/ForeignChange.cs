using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Data.Hosts;

/// <summary>What to do when another host has, or may have, changed rows of a table with EF. Never done on a single host.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="NeedsDatabase">Whether it reads the database. Otherwise it is also done while the database cannot be reached.</param>
public sealed record ForeignChange(string Table, bool NeedsDatabase, Func<CancellationToken, Task> ReactAsync);

internal static class ForeignChangeSetup
{
    /// <summary>Makes a service reload what it caches of a table when another host changed it.</summary>
    public static IServiceCollection ReloadWhenChangedElsewhere<T>(
        this IServiceCollection services,
        string table,
        Func<T, CancellationToken, Task> reloadAsync
    )
        where T : notnull =>
        services.AddSingleton(provider => new ForeignChange(
            table,
            NeedsDatabase: true,
            token => reloadAsync(provider.GetRequiredService<T>(), token)
        ));

    /// <summary>Makes a service drop what it caches of a table, or notify its listeners, when another host changed it.</summary>
    public static IServiceCollection WhenChangedElsewhere<T>(this IServiceCollection services, string table, Action<T> react)
        where T : notnull =>
        services.AddSingleton(provider => new ForeignChange(
            table,
            NeedsDatabase: false,
            _ =>
            {
                react(provider.GetRequiredService<T>());
                return Task.CompletedTask;
            }
        ));
}
