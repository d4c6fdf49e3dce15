using System.Xml.Linq;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Storage.Keys;

namespace PromptPilot.Core.Storage;

/// <summary>Copies a portal from the data directory into an empty PostgreSQL database: its keys and all rows. No host may run.</summary>
public sealed class PostgresMove(
    IDbContextFactory<PromptPilotDbContext> contexts,
    IDatabaseStart start,
    StoragePaths paths,
    TimeProvider time
)
{
    /// <summary>Upgrades the SQLite file if it is older than this build, then copies. The file stays as it is.</summary>
    /// <param name="version">The version of this build.</param>
    /// <param name="progress">Takes lines for a person who waits.</param>
    /// <returns>Null; or why nothing was copied, and what to do.</returns>
    public async Task<string?> RunAsync(Version version, Action<string> progress, CancellationToken cancellationToken)
    {
        if (!File.Exists(paths.Database))
        {
            return $"There is no SQLite database at {paths.Database}. Set PromptPilot:DataDirectory to the data directory of the portal.";
        }

        if (KeyRingCheck.FindDamage(paths.KeyRing) is { } damage)
        {
            return damage;
        }

        await using var services = new ServiceCollection()
            .AddSingleton(time)
            .AddSingleton(paths)
            .AddSingleHost(_ => paths.Database)
            .AddSingleton<SqliteStart>()
            .BuildServiceProvider();
        var refusal =
            await services.GetRequiredService<SqliteStart>().PrepareAsync(version, cancellationToken)
            ?? await start.PrepareAsync(version, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        var source = services.GetRequiredService<IDbContextFactory<SqlitePromptPilotDbContext>>();
        await using var from = await source.CreateDbContextAsync(cancellationToken);
        await using var to = await contexts.CreateDbContextAsync(cancellationToken);
        await CopyKeysAsync(to, cancellationToken);
        await from.Database.OpenConnectionAsync(cancellationToken);
        await to.Database.OpenConnectionAsync(cancellationToken);
        var connection = to.Database.GetDbConnection();
        var model = to.GetService<IDesignTimeModel>().Model;
        return await new PostgresCopy(from.Database.GetDbConnection(), connection, model, progress).RunAsync(cancellationToken);
    }

    /// <summary>Keys first: rows without them would be unreadable. Copied again, they change nothing.</summary>
    private async Task CopyKeysAsync(PromptPilotDbContext to, CancellationToken cancellationToken)
    {
        await DatabaseKeyRing.EnsureAsync(to, cancellationToken);
        var ring = new DatabaseKeyRing(contexts);
        var known = ring.GetAllElements().Select(key => (string?)key.Attribute("id")).ToHashSet();
        foreach (var file in Directory.Exists(paths.KeyRing) ? Directory.EnumerateFiles(paths.KeyRing, "*.xml") : [])
        {
            var key = XElement.Load(file);
            if (!known.Contains((string?)key.Attribute("id")))
            {
                ring.StoreElement(key, Path.GetFileNameWithoutExtension(file));
            }
        }
    }
}
