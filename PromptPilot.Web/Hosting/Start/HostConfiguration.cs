using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Hosting.Start;

/// <summary>The sources of settings, and the settings of the host itself.</summary>
internal static class HostConfiguration
{
    /// <summary>The most that a request's body may hold, in bytes.</summary>
    public const int MaxRequestBody = 8 * 1024 * 1024;

    /// <summary>A sender that is slower is disconnected. 8 MB then take 17 minutes at most.</summary>
    private const double MinBodyBytesPerSecond = 8 * 1024;

    /// <summary>A builder whose static files are found from any working directory.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // A published build has its wwwroot beside the binaries; in development the manifest of static web assets points into the project.
        var isPublished = Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        // Settings count at the next start. The watch for changed files covers all folders below, the data directory too, where each write
        // to the database would wake it.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"],
                ContentRootPath = isPublished ? AppContext.BaseDirectory : null,
            }
        );
        builder.AddSettingsFile();
        builder.AddSettingsPage();
        if (FrameworkSettings.Errors(builder.Configuration) is { Count: > 0 } errors)
        {
            throw new WrongSettingsException(errors);
        }

        ListenAddresses.PreferPorts(builder);
        builder.Services.AddSingleton<ISettingsCheck, ListenAddresses>();
        StartLog.AddTo(builder);
        FaultLog.AddTo(builder.Services);
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
            // A body is kept in memory until it is complete, so a sender must not hold it open for hours.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(MinBodyBytesPerSecond, TimeSpan.FromSeconds(10));
            UnsentRequests.Watch(kestrel);
        });
        // It logs addresses with their queries, and the link that sets a password has its token there. Settings that
        // name this category still turn it on.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        // Anyone can send a token or cookie that cannot be read, and it logs a stack trace for each; RefusalLog logs one line.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        // It logs each refused call of an agent with a stack trace; the agent is told what is wrong.
        builder.Logging.AddFilter("ModelContextProtocol", LogLevel.None);
        builder.Services.AddSingleton(_ => new BodyMemory());
        builder.Services.AddSingleton<UnsentRequests>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopDeadline.ShutdownTimeout);
        return builder;
    }

    /// <summary>
    /// Puts the appsettings.json beside the binaries before all other sources, so that it applies in <c>dotnet run</c>, in a published
    /// build and in any working directory; environment variables and arguments override it.
    /// </summary>
    private static void AddSettingsFile(this WebApplicationBuilder builder)
    {
        var file = new Microsoft.Extensions.Configuration.Json.JsonConfigurationSource
        {
            Path = "appsettings.json",
            Optional = false,
            FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(AppContext.BaseDirectory),
        };
        IList<IConfigurationSource> sources = builder.Configuration.Sources;
        // A published build has it in its content root too, where it would be read again, over ASPNETCORE_URLS and its like.
        var again = sources
            .OfType<Microsoft.Extensions.Configuration.Json.JsonConfigurationSource>()
            .Where(source => source.Path == file.Path);
        foreach (var source in again.ToList())
        {
            sources.Remove(source);
        }

        sources.Insert(0, file);
    }

    /// <summary>
    /// Settings saved on the settings page override all files. Environment variables and arguments override them, so that the operator of
    /// the host decides.
    /// </summary>
    private static void AddSettingsPage(this WebApplicationBuilder builder)
    {
        var page = new StoredSettingsProvider();
        IList<IConfigurationSource> sources = builder.Configuration.Sources;
        var environment = sources
            .OfType<EnvironmentVariablesConfigurationSource>()
            .LastOrDefault(source => string.IsNullOrEmpty(source.Prefix));
        sources.Insert(environment is null ? sources.Count : sources.IndexOf(environment), page);
        builder.Services.AddSingleton(page);
    }

    /// <summary>
    /// The data directory, and the key ring in it under a fixed name, so that cookies and stored secrets outlive a move of the binaries.
    /// </summary>
    public static IServiceCollection AddDataDirectory(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<ISettingsCheck>(provider => provider.GetRequiredService<DataDirectory>());
        services.AddSingleton(provider => PathsOf(provider.GetRequiredService<DataDirectory>()));
        KeyProtection.AddTo(services.AddDataProtection().SetApplicationName("PromptPilot"), configuration);
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<DataDirectory, ILoggerFactory>(
                (keys, directory, logs) => keys.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(directory.KeyRing), logs)
            );
        services.Configure<AntiforgeryOptions>(antiforgery => antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        return services;
    }

    private static StoragePaths PathsOf(DataDirectory directory) => new(directory.Database, directory.KeyRing, directory.Backups);
}
