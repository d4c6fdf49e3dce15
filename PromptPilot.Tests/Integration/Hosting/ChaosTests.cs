using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Runs.Cluster;
using PromptPilot.Core.Runs.Cluster.Calls;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Integration.Triggers;
using PromptPilot.Tests.Support;
using Quartz;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// One fault stays one fault: whatever throws at any seam, other runs succeed, people sign in, the seam works again by itself, and the host
/// stops.
/// </summary>
[Trait("Database", "SQLite")]
public sealed partial class ChaosTests(ChaosTests.World world) : IClassFixture<ChaosTests.World>
{
    /// <summary>Types inside which an exception may come from anywhere. A test finds those that are missing.</summary>
    private static readonly string[] Seams =
    [
        // Background workers, and loops beside them.
        "AttemptRecorder",
        "BatchWriter",
        "ExperimentRunner",
        "HookSender",
        "Housekeeping",
        "JournalWriter",
        "NotificationWatcher",
        "RollupWorker",
        "RunAttempts",
        "RunExecutor",
        "RunHost",
        "RunScheduler",
        "ScheduleClock",
        "WebhookInbox",
        // Jobs of the clock.
        "ScheduleJob",
        "WakeJob",
        // The read of a provider.
        "ModelGateway",
        // In each write.
        "AuditInterceptor",
        "DataVersionInterceptor",
        "StorableTextInterceptor",
        "WriteGateInterceptor",
    ];

    /// <summary>Seams that ask for neither time nor database: what they call does, or the points of a write stand for them.</summary>
    private static readonly Dictionary<string, string> Inside = new()
    {
        ["DataVersionInterceptor"] = ChaosInterceptor.SaveEnds,
        ["StorableTextInterceptor"] = ChaosInterceptor.SaveBegins,
        ["WriteGateInterceptor"] = ChaosInterceptor.SaveBegins,
        ["RunHost"] = "RunScheduler",
        ["BatchWriter"] = "AttemptRecorder",
        ["Housekeeping"] = "RunRetention",
        ["ScheduleClock"] = "ScheduleRunner",
        ["ScheduleJob"] = "ScheduleRunner",
        ["WakeJob"] = "RunScheduler",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each place once; the other seams that it stands for only with the long tests.</summary>
    public static IEnumerable<TheoryDataRow<string>> Cases =>
        Seams
            .Concat(ChaosInterceptor.Points)
            .OrderBy(seam => Inside.ContainsKey(seam))
            .GroupBy(seam => Inside.GetValueOrDefault(seam, seam))
            .SelectMany(place =>
                place.Select(
                    (seam, index) =>
                        index == 0 ? new TheoryDataRow<string>(seam) : new TheoryDataRow<string>(seam).WithTrait("Category", "Soak")
                )
            );

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Exception_AtASeam_StaysThere(string seam)
    {
        world.Chaos.Arm(Inside.GetValueOrDefault(seam, seam));
        try
        {
            await world.StirUntilHitAsync($"{seam} to throw");
        }
        finally
        {
            world.Chaos.Disarm();
        }

        await world.StirUntilHitAsync($"{seam} to work again");
        await world.IsSoundAsync();
    }

    [Fact]
    public void Seams_OfTheSource_AllHaveACase()
    {
        var types = typeof(RunService)
            .Assembly.GetTypes()
            .Where(type =>
                type is { IsAbstract: false, IsInterface: false }
                && (
                    typeof(SteadyService).IsAssignableFrom(type)
                    || typeof(IJob).IsAssignableFrom(type)
                    || typeof(IInterceptor).IsAssignableFrom(type)
                )
            )
            .Select(type => type.Name);
        var loops =
            from path in Directory.EnumerateFiles(RepositoryRoot.File("PromptPilot.Core"), "*.cs", SearchOption.AllDirectories)
            where !path.Replace('\\', '/').Contains("/obj/", StringComparison.Ordinal) && Unawaited().IsMatch(File.ReadAllText(path))
            select Path.GetFileNameWithoutExtension(path);

        // These have no part in a portal on SQLite without OpenID Connect. HostTests cut the session. CallTurns asks neither for the
        // time nor for the database; TurnQueueTests fail its calls.
        types
            .Concat(loops)
            .Distinct()
            .Should()
            .BeSubsetOf([
                .. Seams,
                nameof(CallSlotWatcher),
                nameof(CallTurns),
                nameof(HostMembership),
                nameof(ChangeTeller),
                nameof(ForeignRuns),
                nameof(OpenIdRoleChecks),
                nameof(RedisRelay),
                nameof(SignalReader),
            ]);
    }

    /// <summary>Work that nobody awaits: what it throws is lost, unless it takes care itself.</summary>
    [GeneratedRegex(@"(_ =|\?\?=) Task\.Run\(|new Thread\(")]
    private static partial Regex Unawaited();

    /// <summary>A portal with a workflow, a hook and a webhook trigger, through chaos.</summary>
    public sealed class World : IAsyncLifetime
    {
        private HookReceiver _receiver = null!;
        private WebhookWorld _webhooks = null!;
        private Hook _hook = null!;

        internal Chaos Chaos { get; } = new();

        private PortalHost Portal => _webhooks.Portal;

        public async ValueTask InitializeAsync()
        {
            _receiver = await HookReceiver.StartAsync();
            var model = await FakeModelServer.StartAsync();
            var portal = await PortalHost.StartAsync(
                new PortalOptions
                {
                    Settings = new Dictionary<string, string?>
                    {
                        ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
                        ["PromptPilot:Http:SignInsPerMinute"] = "10000",
                    },
                    Services = services =>
                    {
                        services.AddSingleton<TimeProvider>(new ChaosTime(Chaos));
                        services.RemoveAll<IDbContextFactory<PromptPilotDbContext>>();
                        services.AddSingleton<IDbContextFactory<PromptPilotDbContext>>(provider => new ChaosContexts(
                            provider.GetRequiredService<IDbContextFactory<SqlitePromptPilotDbContext>>(),
                            Chaos
                        ));
                        services.ConfigureDbContext<SqlitePromptPilotDbContext>(options =>
                            options.AddInterceptors(new ChaosInterceptor(Chaos))
                        );
                    },
                }
            );
            _webhooks = await WebhookWorld.StartAsync(portal, model);
            _hook = await _webhooks.AddAsync();
            await _webhooks.Api.SendAsync(
                HttpMethod.Post,
                $"workflows/{_webhooks.WorkflowId}/integration-hooks",
                new
                {
                    type = "webhook",
                    targetUrl = $"{_receiver.Address}/in",
                    on = new[] { "succeeded", "failed" },
                    outputs = Array.Empty<string>(),
                }
            );
        }

        /// <summary>The end of all of it: the host stops in its time.</summary>
        public async ValueTask DisposeAsync()
        {
            await _webhooks.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(40));
            await _receiver.DisposeAsync();
        }

        internal Task StirUntilHitAsync(string what) =>
            Eventually.HoldsAsync(
                async () =>
                {
                    await StirAsync();
                    return Chaos.Hits > 0;
                },
                what,
                TimeSpan.FromSeconds(40)
            );

        internal async Task IsSoundAsync()
        {
            await Eventually.HoldsAsync(() => Portal.Get<WriteGate>().Holder is null, "the gate to be free");
            (await _webhooks.Api.RunAsync(_webhooks.WorkflowId)).Text("status").Should().Be("succeeded");
            using var person = new CookieClient(Portal);
            (await person.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword)).Should().Be("/");
        }

        /// <summary>Something for every seam to do. What fails is meant to.</summary>
        private async Task StirAsync()
        {
            await TryAsync(() => _webhooks.Api.StartRunAsync(_webhooks.WorkflowId));
            await TryAsync(() => _webhooks.SendAsync(_hook));
            await TryAsync(() =>
                _webhooks.Api.SendAsync(HttpMethod.Post, "prompts", new { name = Guid.NewGuid().ToString("N"), content = "Hello" })
            );
            await TryAsync(async () =>
            {
                await using var db = await Portal
                    .Services.GetRequiredService<IDbContextFactory<SqlitePromptPilotDbContext>>()
                    .CreateDbContextAsync();
                return await db.Notifications.Where(one => one.Id == "none").ExecuteDeleteAsync(Cancellation);
            });
            await TryAsync(async () =>
            {
                var scheduler = await Portal.Get<ISchedulerFactory>().GetScheduler(Cancellation);
                await scheduler.TriggerJob(ScheduleJob.Key, Cancellation);
                await Portal.Get<Housekeeping>().CleanAsync(Cancellation);
                await scheduler.TriggerJob(WakeJob.Key, new JobDataMap { [WakeJob.RunId] = "none" }, Cancellation);
                return true;
            });
        }

        private static async Task TryAsync<T>(Func<Task<T>> act)
        {
            try
            {
                var result = await act();
                (result as IDisposable)?.Dispose();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !Cancellation.IsCancellationRequested)
            {
                // Chaos, or a refusal because of it.
            }
        }
    }
}
