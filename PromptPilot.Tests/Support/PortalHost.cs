using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;

namespace PromptPilot.Tests.Support;

/// <summary>How a portal under test differs from the usual one.</summary>
public sealed record PortalOptions
{
    /// <summary>Configuration keys, for example <c>PromptPilot:Setup:SampleWorkspace</c>. They win over the usual ones.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Registrations that replace the host's own, for example a fake model or clock.</summary>
    public Action<IServiceCollection> Services { get; init; } = _ => { };

    /// <summary>A data directory that outlives the host; null makes a fresh one that goes with it.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Whether the admin and the API key are made at the start, as by an unattended installation.</summary>
    public bool Unattended { get; init; } = true;

    /// <summary>The least that is kept of what the host logs.</summary>
    public LogLevel LeastLogged { get; init; } = LogLevel.Information;
}

/// <summary>
/// The real portal in this process: real HTTP on a free port, a real database of its own. What runs is Program as it is;
/// only settings and chosen services differ.
/// </summary>
public sealed class PortalHost : IAsyncDisposable
{
    public const string AdminEmail = "admin@example.org";
    public const string AdminPassword = "an admin's long password 1";
    public const string AdminKey = "test-key-of-the-admin-0123456789";

    private const string DatabaseFile = "promptpilot.db";

    private readonly Factory _factory;
    private readonly TempDirectory? _directory;
    private readonly ConcurrentQueue<string> _log;

    private PortalHost(Factory factory, TempDirectory? directory, string dataDirectory, ConcurrentQueue<string> log)
    {
        _factory = factory;
        _directory = directory;
        _log = log;
        DataDirectory = dataDirectory;
        BaseAddress = new Uri(factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri BaseAddress { get; }

    public string DataDirectory { get; }

    public IServiceProvider Services => _factory.Services;

    public IDbContextFactory<PromptPilotDbContext> Contexts => Get<IDbContextFactory<PromptPilotDbContext>>();

    /// <summary>What the host has logged so far.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    public static async Task<PortalHost> StartAsync(PortalOptions? options = null)
    {
        options ??= new PortalOptions();
        var directory = options.DataDirectory is null ? new TempDirectory() : null;
        var dataDirectory = options.DataDirectory ?? directory!.Path;
        var settings = new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["PromptPilot:DataDirectory"] = dataDirectory,
            ["PromptPilot:Setup:SampleWorkspace"] = "false",
        };
        if (options.Unattended)
        {
            settings["PromptPilot:Setup:AdminEmail"] = AdminEmail;
            settings["PromptPilot:Setup:AdminPassword"] = AdminPassword;
            settings["PromptPilot:Setup:ApiKey"] = AdminKey;
        }

        if (!options.Settings.ContainsKey(PostgresConnection.Key))
        {
            settings[PostgresConnection.Key] = await DatabaseTemplate.PrepareAsync(Path.Combine(dataDirectory, DatabaseFile));
        }

        foreach (var (key, value) in options.Settings)
        {
            settings[key] = value;
        }

        var log = new ConcurrentQueue<string>();
        var factory = new Factory(settings, options.Services, log, options.LeastLogged);
        factory.UseKestrel(0);
        factory.StartServer();
        await factory.Services.GetRequiredService<FirstAdmin>().Following;
        return new PortalHost(factory, directory, dataDirectory, log);
    }

    public T Get<T>()
        where T : notnull => _factory.Services.GetRequiredService<T>();

    /// <summary>A client without credentials. Asked whether a body is wanted, a slow machine may need more than the usual second.</summary>
    public HttpClient CreateClient() =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            }
        )
        {
            BaseAddress = BaseAddress,
        };

    /// <summary>A client that holds the admin's API key.</summary>
    public HttpClient CreateAdminClient() => CreateClient(AdminKey);

    public HttpClient CreateClient(string apiKey)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        return client;
    }

    public HttpClient CreateClient(TestPerson person) => CreateClient(person.ApiKey);

    /// <summary>Makes somebody who can sign in and has an API key.</summary>
    public Task<TestPerson> AddPersonAsync(Role role, Permission scope = Permission.Admin, string? name = null) =>
        TestPeople.CreateAsync(Contexts, role, scope, name);

    /// <summary>The admin that the unattended set-up made.</summary>
    public async Task<TestPerson> GetAdminAsync()
    {
        await using var db = await Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        var user = await db.Users.SingleAsync(u => u.Email == AdminEmail, TestContext.Current.CancellationToken);
        var key = await db.ApiKeys.FirstAsync(k => k.UserId == user.Id, TestContext.Current.CancellationToken);
        return new TestPerson(user.Id, user.Name, AdminEmail, AdminPassword, Role.Admin, key.Id, AdminKey, key.Scope);
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        if (_directory is not null)
        {
            await PostgresDatabase.DropAsync(Path.Combine(DataDirectory, DatabaseFile));
            _directory.Dispose();
        }
    }

    private sealed class Factory(
        IReadOnlyDictionary<string, string?> settings,
        Action<IServiceCollection> services,
        ConcurrentQueue<string> log,
        LogLevel least
    ) : WebApplicationFactory<Program>
    {
        protected override IHost CreateHost(IHostBuilder builder)
        {
            // Host configuration reaches Program as arguments, so that it counts from its first line on.
            builder.ConfigureHostConfiguration(configuration => configuration.AddInMemoryCollection(settings));
            return base.CreateHost(builder);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.ConfigureLogging(logging =>
            {
                // Nothing is printed; what is sent to a collector still is.
                var sent = logging
                    .Services.Where(service =>
                        service.ServiceType == typeof(ILoggerProvider)
                        && service.ImplementationFactory?.GetType().ToString().Contains("OpenTelemetry", StringComparison.Ordinal) == true
                    )
                    .ToList();
                logging.ClearProviders().AddProvider(new QueueLoggerProvider(log, least));
                sent.ForEach(logging.Services.Add);
            });
            builder.ConfigureTestServices(test =>
            {
                test.Configure<PasswordHasherOptions>(TestPeople.HashCheaply);
                services(test);
            });
        }
    }
}
