using System.Reflection;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Search;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Web.Hosting.SignIn;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting;

/// <summary>The order of a start: settings, lock, key ring, migration, stored settings, first admin, gate, workers.</summary>
internal static class Portal
{
    /// <summary>
    /// Builds EF's model on another thread, while endpoints and settings are prepared on this one: both take most of a second.
    /// </summary>
    public static void PrepareModel(this WebApplication app) =>
        Task.Run(() =>
        {
            try
            {
                using var db = app.Services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContext();
                _ = db.Model;
            }
            catch (Exception)
            {
                // The migration meets the same error, and reports it.
            }
        });

    /// <summary>Runs the host to its end.</summary>
    /// <returns>The exit code: 0 after a requested stop, an <see cref="ExitCode"/> when it could not start.</returns>
    /// <param name="onlyMigrates">True for <c>migrate</c> on the command line: ends once the database is ready for this build.</param>
    public static async Task<int> RunPortalAsync(this WebApplication app, bool onlyMigrates)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            foreach (var unknown in UnknownKeys(app.Services))
            {
                app.Logger.LogWarning("{Unknown}", unknown);
            }

            var directory = app.Services.GetRequiredService<DataDirectory>();
            if (directory.Lock() is { } refusal)
            {
                return refusal.Report();
            }

            if (directory.Openness is { } openness)
            {
                app.Logger.LogWarning("{Openness}", openness);
            }

            // Before the database is upgraded, unless the keys are in it.
            var keys = app.Services.GetRequiredService<KeyRingPlace>();
            if (keys.Folder is not null && CheckKeyRing(app.Services, keys) is { } damage)
            {
                return new StartFailure(ExitCode.KeyRing, damage).Report();
            }

            if (await MigrateAsync(app.Services, stopping) is { } database)
            {
                return new StartFailure(ExitCode.Database, database).Report();
            }

            if (onlyMigrates)
            {
                Console.WriteLine("The database is ready for this version. Start the portal as usual.");
                return 0;
            }

            if (keys.Folder is null && CheckKeyRing(app.Services, keys) is { } unusable)
            {
                return new StartFailure(ExitCode.KeyRing, unusable).Report();
            }

            if (keys.Folder is null && !app.Services.GetRequiredService<KeyProtection>().IsOn)
            {
                app.Logger.LogWarning(
                    "The key ring is in the database without protection: a copy of the database can be decrypted. Set {Setting}",
                    KeyProtection.CertificateKey
                );
            }

            await app.Services.GetRequiredService<StoredSettings>().LoadAsync(stopping);
            await app.Services.GetRequiredService<ModelKeyCheck>().WarnAsync(stopping);
            var firstAdmin = app.Services.GetRequiredService<FirstAdmin>();
            var setup = await firstAdmin.CreateUnattendedAsync(stopping);
            if (!setup.IsOk)
            {
                return Refuse([setup.Problem.Message, .. setup.Problem.Errors.Select(error => $"  - {error.Message}")]);
            }

            app.Services.GetRequiredService<ReadyGate>().Open();
            if (Assembly.GetEntryAssembly() == typeof(Portal).Assembly)
            {
                app.Services.GetRequiredService<StopDeadline>().Arm();
            }

            await app.StartAsync();
            await firstAdmin.Following;
            app.Services.GetRequiredService<StartLog>().HasStarted = true;
            await SetupLink.LogAsync(app, stopping);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (FailureOf(exception, app) is { } failure)
        {
            return failure.Report();
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    private static StartFailure? FailureOf(Exception exception, WebApplication app) =>
        StartFailure.Of(
            exception,
            app.Services.GetRequiredService<DataDirectory>().Database,
            ListenAddresses.Of(app.Services.GetRequiredService<IConfiguration>())
        );

    /// <summary>Everything that is wrong with the settings, each with its key.</summary>
    internal static List<string> CheckSettings(IServiceProvider services)
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

    internal static string? CheckKeyRing(IServiceProvider services, KeyRingPlace place) =>
        KeyRingCheck.Refusal(place, services.GetRequiredService<IDataProtectionProvider>(), services.GetRequiredService<IKeyManager>());

    /// <summary>The settings that nothing reads.</summary>
    internal static IEnumerable<string> UnknownKeys(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var known = services.GetServices<ISettingsCheck>().SelectMany(check => check.Keys).ToList();
        return [.. FrameworkSettings.Unknown(configuration), .. UnknownSettings.Find(configuration, known)];
    }

    /// <returns>Null, or why the database cannot be used.</returns>
    private static async Task<string?> MigrateAsync(IServiceProvider services, CancellationToken stopping)
    {
        var version = typeof(Portal).Assembly.GetName().Version!;
        if (await services.GetRequiredService<IDatabaseStart>().PrepareAsync(version, stopping) is { } refusal)
        {
            return refusal;
        }

        await using var db = await services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(stopping);
        if (services.GetRequiredService<KeyRingPlace>().Folder is null)
        {
            await DatabaseKeyRing.EnsureAsync(db, stopping);
        }

        await PromptIndex.EnsureAsync(db, stopping);
        await AuditTable.EnsureAsync(db, stopping);
        await RollupWorker.AddMissingWeeksAsync(db, stopping);
        return null;
    }

    private static int Refuse(IReadOnlyList<string> lines) =>
        new StartFailure(ExitCode.Settings, string.Join(Environment.NewLine, lines)).Report();
}
