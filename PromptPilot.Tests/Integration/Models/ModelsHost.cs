using System.Collections.Concurrent;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>The models feature on a real SQLite file, without the rest of the host.</summary>
internal sealed class ModelsHost : IAsyncDisposable
{
    private ModelsHost(TestDatabase database, InvocationCounter invocations)
    {
        Database = database;
        Invocations = invocations;
    }

    public TestDatabase Database { get; }

    public InvocationCounter Invocations { get; }

    public IModelGateway Gateway => Get<IModelGateway>();

    public ModelProfileService Service => Get<ModelProfileService>();

    public T Get<T>()
        where T : notnull => Database.Get<T>();

    /// <param name="allowedPrivateHosts">Null: this machine.</param>
    public static async Task<ModelsHost> StartAsync(params string[]? allowedPrivateHosts)
    {
        var settings = new Dictionary<string, string?>
        {
            ["PromptPilot:Offline:WordDelayMilliseconds"] = "0",
            ["PromptPilot:Files:MaxPictureSide"] = "20000",
        };
        for (var i = 0; i < allowedPrivateHosts?.Length; i++)
        {
            settings[$"PromptPilot:Network:AllowedPrivateHosts:{i}"] = allowedPrivateHosts[i];
        }

        var invocations = new InvocationCounter();
        var database = await TestDatabase.CreateAsync(services =>
            services
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
                .AddFiles()
                .AddModels()
                .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider())
                .AddSingleton<IFunctionInvocationFilter>(invocations)
        );
        return new ModelsHost(database, invocations);
    }

    public Task<PromptPilotDbContext> OpenAsync() => Database.Contexts.CreateDbContextAsync();

    /// <summary>Stores a profile, past the service and its checks.</summary>
    public async Task<ModelProfile> AddProfileAsync(
        string? endpoint,
        string provider = Providers.OpenAICompatible,
        string? key = null,
        Action<ModelProfile>? change = null
    )
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
    public async Task<(ModelReply Reply, IReadOnlyList<string> Pieces)> CallAsync(
        ModelProfile profile,
        string prompt = "Summarize: the team met.",
        string? system = null,
        TimeSpan? timeout = null
    )
    {
        var pieces = new List<string>();
        var reply = await Gateway.CallAsync(
            new ModelRequest(profile.Id, "summary", system, prompt, timeout),
            pieces.Add,
            TestContext.Current.CancellationToken
        );
        return (reply, pieces);
    }

    /// <summary>Makes a call as a step would describe it.</summary>
    public Task<ModelReply> CallAsync(ModelRequest request) =>
        Gateway.CallAsync(request, static _ => { }, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Database.DisposeAsync();
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
