using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Data.Hosts;

/// <summary>What to do when another host has changed rows of a table by EF, or may have. A host alone never does it.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="NeedsDatabase">Whether it reads the database. What only forgets is also done while the database is out of reach.</param>
public sealed record ForeignChange(string Table, bool NeedsDatabase, Func<CancellationToken, Task> ReactAsync);

internal static class ForeignChangeSetup
{
    /// <summary>Has a service reload what it keeps of a table when another host changed it.</summary>
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

    /// <summary>Has a service forget what it keeps of a table, or tell its listeners, when another host changed it.</summary>
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
