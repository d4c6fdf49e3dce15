using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Search;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Hosting;

/// <summary>The order of a start: settings, lock, migration, stored settings, first admin, gate, workers.</summary>
internal static class Portal
{
    /// <summary>Runs the host to its end.</summary>
    /// <returns>The exit code: 0 after a stop that was asked for, 1 when it could not start.</returns>
    public static async Task<int> RunPortalAsync(this WebApplication app)
    {
        try
        {
            if (CheckSettings(app.Services) is { Count: > 0 } errors)
            {
                return Refuse(["PromptPilot cannot start with these settings:", .. errors.Select(error => $"  - {error}")]);
            }

            if (app.Services.GetRequiredService<DataDirectory>().Lock() is { } refusal)
            {
                return Refuse([refusal]);
            }

            await MigrateAsync(app.Services);
            await app.Services.GetRequiredService<StoredSettings>().LoadAsync(CancellationToken.None);
            var setup = await app.Services.GetRequiredService<FirstAdmin>().CreateUnattendedAsync(CancellationToken.None);
            if (!setup.IsOk)
            {
                return Refuse([setup.Problem.Message, .. setup.Problem.Errors.Select(error => $"  - {error.Message}")]);
            }

            app.Services.GetRequiredService<ReadyGate>().Open();
            await app.StartAsync();
            await SetupLink.TellAsync(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (IOException exception) when (exception.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Refuse([
                $"{exception.Message} Stop what listens there, or choose another address: Urls in appsettings.json, or --urls http://localhost:5081",
            ]);
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    /// <summary>Everything that is wrong with the settings, each with its key.</summary>
    private static List<string> CheckSettings(IServiceProvider services)
    {
        var errors = services
            .GetServices<ISettingsCheck>()
            .SelectMany(check => check.Errors(services.GetRequiredService<IConfiguration>()))
            .ToList();
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException exception)
        {
            errors.AddRange(exception.Failures);
        }
        catch (AggregateException exception)
        {
            errors.AddRange(exception.InnerExceptions.OfType<OptionsValidationException>().SelectMany(e => e.Failures));
        }
        catch (InvalidOperationException exception) when (errors.Count == 0)
        {
            errors.Add(exception.Message);
        }

        return [.. errors.Distinct()];
    }

    private static async Task MigrateAsync(IServiceProvider services)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync();
        if (File.Exists(services.GetRequiredService<DataDirectory>().Database))
        {
            // EF's own lock survives a host that died while it migrated; ours, just taken, says that nobody migrates now.
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"");
        }

        await CopyBeforeAsync(services, db);
        await db.Database.MigrateAsync();
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
        await PromptIndex.EnsureAsync(db, CancellationToken.None);
        await AuditTable.EnsureAsync(db, CancellationToken.None);
    }

    /// <summary>What an upgrade changes can be had back: the file as it was stands in the data directory's backups.</summary>
    private static async Task CopyBeforeAsync(IServiceProvider services, PromptPilotDbContext db)
    {
        var paths = services.GetRequiredService<StoragePaths>();
        if (
            !File.Exists(paths.Database)
            || !(await db.Database.GetAppliedMigrationsAsync()).Any()
            || (await db.Database.GetPendingMigrationsAsync()).FirstOrDefault() is not { } next
        )
        {
            return;
        }

        Directory.CreateDirectory(paths.Backups);
        var copy = Path.Combine(
            paths.Backups,
            $"before-{next}-{services.GetRequiredService<TimeProvider>().GetUtcNow():yyyyMMddHHmmss}.db"
        );
        DatabaseCopy.Make(paths.Database, copy);
        services
            .GetRequiredService<ILoggerFactory>()
            .CreateLogger(typeof(Portal))
            .LogInformation("The database is about to be upgraded; as it was, it is kept in {Copy}", copy);
    }

    private static int Refuse(IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            Console.Error.WriteLine(line);
        }

        return 1;
    }
}
