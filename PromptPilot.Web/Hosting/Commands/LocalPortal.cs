using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>The services of the portal in a data directory, without its server and workers.</summary>
internal sealed class LocalPortal : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalPortal(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>The container alone: nothing is checked or opened.</summary>
    /// <param name="data">The data directory; null: by the settings.</param>
    public static LocalPortal Create(string? data)
    {
        var builder = HostConfiguration.CreateBuilder(data is null ? [] : [$"--{DataDirectory.Key}={Path.GetFullPath(data)}"]);

        // Only the result is written, so that programs can read it.
        builder.Logging.ClearProviders();
        return new LocalPortal(builder.AddPortal().Build());
    }

    /// <summary>Opens a portal that exists and is of this version.</summary>
    /// <param name="needsStopped">The command changes what a running portal has in memory.</param>
    /// <returns>The portal, or why it cannot be used.</returns>
    public static async Task<(LocalPortal? Portal, StartFailure? Failure)> OpenAsync(
        string? data,
        bool needsStopped,
        CancellationToken cancellationToken
    )
    {
        var portal = Create(data);
        if (await portal.FindFailureAsync(needsStopped, cancellationToken) is { } failure)
        {
            await portal.DisposeAsync();
            return (null, failure);
        }

        await portal.Get<StoredSettings>().LoadAsync(cancellationToken);
        portal.Get<ReadyGate>().Open();
        return (portal, null);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Whether there is a database to look at.</summary>
    public bool HasDatabase => PostgresConnection.Find(_app.Configuration) is not null || File.Exists(Get<DataDirectory>().Database);

    /// <summary>What is to be done before this version can use the database; null: nothing.</summary>
    public async Task<string?> FindPendingAsync(CancellationToken cancellationToken)
    {
        await using var db = await Get<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(cancellationToken);
        return (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any()
            ? "The database is from an earlier version. Run migrate, or start the portal once."
            : null;
    }

    /// <summary>What is wrong with the key ring; null: nothing.</summary>
    public string? FindKeyDamage() => KeyRingCheck.Refusal(Get<KeyRingPlace>(), Get<IDataProtectionProvider>(), Get<IKeyManager>());

    private async Task<StartFailure?> FindFailureAsync(bool needsStopped, CancellationToken cancellationToken)
    {
        if (Portal.CheckSettings(Services) is { Count: > 0 } errors)
        {
            return StartFailure.OfSettings(errors);
        }

        var directory = Get<DataDirectory>();
        if (!HasDatabase)
        {
            return new StartFailure(
                ExitCode.DataDirectory,
                $"There is no portal in {directory.Path}. Specify its directory with --data, or a running portal with --url."
            );
        }

        if (needsStopped && directory.Lock() is { } inUse)
        {
            return inUse with { Text = $"{inUse.Text} This command needs a stopped portal, or --url and --key of a running one." };
        }

        PrivateFiles.CreateForOwnerOnly();
        return await FindPendingAsync(cancellationToken) is { } pending ? new StartFailure(ExitCode.Database, pending)
            : FindKeyDamage() is { } damage ? new StartFailure(ExitCode.KeyRing, damage)
            : null;
    }
}
