using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Cluster;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>The engine on a real database, with a model of the test's own.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly IHost _host;
    private readonly string _path;
    private readonly bool _ownsFile;

    private EngineHost(IHost host, string path, bool ownsFile)
    {
        _host = host;
        _path = path;
        _ownsFile = ownsFile;
    }

    public Actor Person { get; } = new Actor.Person("person");

    /// <summary>Somebody who may edit.</summary>
    public Actor Author { get; } = new Actor.Person("author");

    public RunService Runs => Get<RunService>();

    public RunReviewService Reviews => Get<RunReviewService>();

    public RunReplayService Replays => Get<RunReplayService>();

    public string Path => _path;

    public static async Task<EngineHost> StartAsync(
        IModelGateway model,
        string? path = null,
        int slots = 100,
        int graceSeconds = 0,
        double parkAfterSeconds = 5,
        int retryDelayMs = 1,
        Action<HostApplicationBuilder>? more = null
    )
    {
        var file = path ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"promptpilot-engine-{Ids.New()}.db");
        var postgres = await DatabaseTemplate.PrepareAsync(file);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.Sources.Add(
            new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
            {
                InitialData = new Dictionary<string, string?>
                {
                    ["PromptPilot:Runs:MaxConcurrentRuns"] = slots.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["PromptPilot:Runs:RetryDelayMilliseconds"] = retryDelayMs.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["PromptPilot:Runs:ParkAfterSeconds"] = parkAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["PromptPilot:Runs:LeaseSeconds"] = "5",
                    ["PromptPilot:Runs:StopGraceSeconds"] = graceSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
                },
            }
        );
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<TimeProvider, MicrosecondClock>();
        builder.Services.AddDatabase(file, postgres);
        if (postgres is not null)
        {
            builder.Services.AddClusterRuns();
        }

        builder.Services.AddDataProtection();
        builder.Services.AddSingleton<Sessions>();
        builder.Services.AddSingleton<Access>();
        builder.Services.AddSingleton<Operations>();
        builder.Services.AddFiles().AddModels().AddPrompts().AddWorkflows().AddRuns();
        builder.Services.RemoveAll<IModelGateway>();
        builder.Services.AddSingleton(model);
        more?.Invoke(builder);
        var host = new EngineHost(builder.Build(), file, ownsFile: path is null);
        await host.FillAsync();
        if (postgres is not null)
        {
            await host.JoinAsync();
        }

        host.Get<ReadyGate>().Open();
        await host._host.StartAsync();
        return host;
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public PromptPilotDbContext Db() => Get<IDbContextFactory<PromptPilotDbContext>>().CreateDbContext();

    /// <summary>A published workflow. A step is an output key and the keys it reads; its prompt is <c>KEY: {{ a }} …</c>.</summary>
    public Task<string> AddWorkflowAsync(params (string Key, string[] Reads)[] steps) =>
        AddWorkflowAsync(new WorkflowOptions(), [.. steps.Select(step => (step.Key, step.Reads, new StepOptions()))]);

    /// <summary>The same with options. A step with <c>forEach</c> may read <c>item</c>.</summary>
    public async Task<string> AddWorkflowAsync(WorkflowOptions options, params (string Key, string[] Reads, StepOptions Options)[] steps)
    {
        await using var db = Db();
        var number = await db.Workflows.CountAsync();
        var definitions = new List<StepDefinition>();
        var profile = await db.ModelProfiles.FirstAsync();
        foreach (var (key, reads, stepOptions) in steps)
        {
            var prompt = new Prompt
            {
                Name = $"{key} {number}",
                NormalizedName = $"{key} {number}".ToUpperInvariant(),
                Content = Content(key, reads),
                Variables = [.. reads.Select(Variable)],
            };
            var version = new PromptVersion
            {
                PromptId = prompt.Id,
                Number = 1,
                Version = "1.0.0",
                Name = prompt.Name,
                Content = prompt.Content,
                Variables = prompt.Variables,
            };
            prompt.LatestVersionId = version.Id;
            db.Add(prompt);
            db.Add(version);
            definitions.Add(
                new StepDefinition(
                    Ids.New(),
                    prompt.Id,
                    version.Id,
                    null,
                    profile.Id,
                    reads.ToDictionary(Variable, r => r),
                    key,
                    definitions.Count + 1
                )
                {
                    Options = stepOptions,
                }
            );
        }

        var workflow = new Workflow { Name = $"Workflow {number}" };
        var definition = new WorkflowDefinition(workflow.Name, [new WorkflowInput { Name = "text" }], definitions) { Options = options };
        var published = new WorkflowVersion
        {
            WorkflowId = workflow.Id,
            Number = 1,
            Definition = definition,
        };
        await Unprotected.PublishAsync(db, workflow, published);
        workflow.Triggers.Add(new Trigger { WorkflowId = workflow.Id, Type = TriggerType.Manual });
        db.Add(workflow);
        db.Add(published);
        await db.SaveChangesAsync();
        return workflow.Id;
    }

    public async Task<string> StartRunAsync(string workflowId, string text = "hello")
    {
        var started = await Runs.StartAsync(
            Person,
            new StartRunRequest(workflowId, new Dictionary<string, JsonElement> { ["text"] = AppJson.Text(text) }),
            default
        );
        started.Problem.Should().BeNull();
        return started.Value.Id;
    }

    public async Task<RunState> EndOfAsync(string runId)
    {
        var view = await Runs.WaitAsync(Person, runId, Limit, default);
        view.Problem.Should().BeNull();
        view.Value.IsFinished.Should().BeTrue($"run {runId} must end within {Limit}");
        return view.Value;
    }

    public async Task<List<RunEvent>> EventsOfAsync(string runId) => [.. EventRows.Unpack(await EventRowsOfAsync(runId))];

    public async Task<List<RunEvent>> EventRowsOfAsync(string runId)
    {
        await using var db = Db();
        return await db.RunEvents.AsNoTracking().Where(e => e.RunId == runId).OrderBy(e => e.Seq).ToListAsync();
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await using (var db = Db())
        {
            DatabaseTemplate.Close(db);
        }

        await ((IAsyncDisposable)_host).DisposeAsync();
        if (_ownsFile)
        {
            await PostgresDatabase.DropAsync(_path);
            foreach (var file in new[] { _path, $"{_path}-wal", $"{_path}-shm" })
            {
                File.Delete(file);
            }
        }
    }

    private static string Content(string key, string[] reads) =>
        $"{key}: {string.Join(' ', reads.Select(read => $"{{{{ {Variable(read)} }}}}"))}";

    /// <summary>
    /// A reading may be an expression, e.g. <c>one.title</c> or <c>one | default: 'x'</c>: its variable is the key it starts with.
    /// </summary>
    private static string Variable(string read) =>
        System.Text.RegularExpressions.Regex.Match(read, "^[a-z_]+").Value + (read == "item" || read == "index" ? "_value" : "");

    /// <summary>Registers the host, as the start of a portal does.</summary>
    private async Task JoinAsync()
    {
        var session = Get<HostSession>();
        await session.OpenAsync(default);
        await session.ExecuteAsync(HostTable.Create, default);
        await session.RegisterAsync("1.0.0", "tests", default);
    }

    private async Task FillAsync()
    {
        await using var db = Db();
        if (!await db.Users.AnyAsync())
        {
            db.Add(
                new User
                {
                    Id = "person",
                    Name = "Person",
                    UserName = "person@example.org",
                    Role = Role.Collaborator,
                }
            );
            db.Add(
                new User
                {
                    Id = "author",
                    Name = "Author",
                    UserName = "author@example.org",
                    Role = Role.Architect,
                }
            );
            foreach (var id in new[] { "person", "author" })
            {
                // For pages, which come with a cookie.
                db.Add(
                    new Session
                    {
                        Id = $"{id}-session",
                        UserId = id,
                        CreatedAt = DateTime.UtcNow,
                        LastSeenAt = DateTime.UtcNow,
                    }
                );
            }

            db.Add(
                new ModelProfile
                {
                    Name = "Fake",
                    NormalizedName = "FAKE",
                    Provider = Providers.OpenAICompatible,
                    Model = "fake",
                }
            );
            await db.SaveChangesAsync();
        }
    }
}
