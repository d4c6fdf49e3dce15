using System.Collections.Concurrent;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Users;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>The models feature on a real SQLite file, without the rest of the host.</summary>
internal sealed class ModelsHost : IAsyncDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"promptpilot-{Guid.NewGuid():N}.db");
    private readonly ServiceProvider _services;

    private ModelsHost(string[]? allowedPrivateHosts, int wordDelay)
    {
        var settings = new Dictionary<string, string?> { ["PromptPilot:Offline:WordDelayMilliseconds"] = wordDelay.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        for (var i = 0; i < allowedPrivateHosts?.Length; i++)
        {
            settings[$"PromptPilot:Network:AllowedPrivateHosts:{i}"] = allowedPrivateHosts[i];
        }

        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddData(_ => _file)
            .AddUsers()
            .AddModels()
            .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider())
            .AddSingleton(Invocations)
            .AddSingleton<IFunctionInvocationFilter>(Invocations)
            .BuildServiceProvider();
    }

    public InvocationCounter Invocations { get; } = new();

    public IModelGateway Gateway => _services.GetRequiredService<IModelGateway>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<ModelsHost> StartAsync(string[]? allowedPrivateHosts = null, int wordDelay = 0)
    {
        var host = new ModelsHost(allowedPrivateHosts, wordDelay);
        await using var db = await host.OpenAsync();
        await db.Database.MigrateAsync();
        return host;
    }

    public Task<PromptPilotDbContext> OpenAsync() => _services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync();

    /// <summary>Stores a profile, past the service and its checks.</summary>
    public async Task<ModelProfile> AddProfileAsync(string? endpoint, string provider = Providers.OpenAICompatible, string? key = null, Action<ModelProfile>? change = null)
    {
        var profile = new ModelProfile
        {
            Name = $"Profile {Guid.NewGuid():N}",
            NormalizedName = Guid.NewGuid().ToString("N"),
            Provider = provider,
            Endpoint = endpoint,
            Model = "fake-1",
            ApiKey = key is null ? null : Get<ModelKeys>().Encrypt(key),
        };
        change?.Invoke(profile);
        await using var db = await OpenAsync();
        db.ModelProfiles.Add(profile);
        await db.SaveChangesAsync();
        return profile;
    }

    /// <summary>Calls a profile and collects the pieces.</summary>
    public async Task<(ModelReply Reply, IReadOnlyList<string> Pieces)> CallAsync(ModelProfile profile, string prompt = "Summarise: the team met.", string? system = null, TimeSpan? timeout = null)
    {
        var pieces = new List<string>();
        var reply = await Gateway.CallAsync(new ModelRequest(profile.Id, "summary", system, prompt, timeout), pieces.Add, TestContext.Current.CancellationToken);
        return (reply, pieces);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            File.Delete(_file + suffix);
        }
    }
}

/// <summary>Counts how often the kernel invokes a function.</summary>
internal sealed class InvocationCounter : IFunctionInvocationFilter
{
    public ConcurrentQueue<string> Names { get; } = new();

    public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
    {
        Names.Enqueue(context.Function.Name);
        return next(context);
    }
}
