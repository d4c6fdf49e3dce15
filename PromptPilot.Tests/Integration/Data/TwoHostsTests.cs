using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>Changes on one host apply on the other.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class TwoHostsTests(TwoHostsTests.Pair pair) : IClassFixture<TwoHostsTests.Pair>
{
    private const int Rounds = 5;

    private const string KeepRuns = "PromptPilot:Runs:KeepRuns";
    private const string KeepDays = "PromptPilot:Runs:KeepDays";

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PortalHost A => pair.Portals.A;

    private PortalHost B => pair.Portals.B;

    [Fact]
    public async Task Key_RevokedOnA_IsRefusedOnB_Soon()
    {
        var admin = await A.GetAdminAsync();
        var person = await A.AddPersonAsync(Role.Collaborator);
        using var client = B.CreateClient(person);
        await TrustedAsync(B);
        (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);

        await A.Get<ApiKeyService>().RevokeAsync(admin.Actor, person.ApiKeyId, Token);
        var clock = Stopwatch.StartNew();
        await Eventually.HoldsAsync(async () => await StatusAsync(client) == HttpStatusCode.Unauthorized, "B to refuse the key");

        // On a busy machine, the first request can take longer than the notification.
        clock.Elapsed.Should().BeLessThan(Soon * 5);
    }

    [Fact]
    public async Task Changes_OnA_ApplyOnB_WithinTwoHundredMilliseconds()
    {
        var admin = await A.GetAdminAsync();
        using var http = A.CreateAdminClient();
        var profile = await new RunApi(http).AddProfileAsync("http://127.0.0.1:9/v1", $"p {Guid.NewGuid():N}");
        var profiles = B.Get<ModelProfiles>();
        var people = new List<TestPerson>();
        for (var i = 0; i < Rounds * 3; i++)
        {
            people.Add(await A.AddPersonAsync(Role.Collaborator));
        }

        var keys = await MeasureAsync(async i =>
        {
            using var client = B.CreateClient(people[i]);
            await TrustedAsync(B);
            (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
            await A.Get<ApiKeyService>().RevokeAsync(admin.Actor, people[i].ApiKeyId, Token);
            return await UntilAsync(async () => await StatusAsync(client) == HttpStatusCode.Unauthorized);
        });
        var roles = await MeasureAsync(async i =>
        {
            var person = people[Rounds + i];
            using var client = B.CreateClient(person);
            (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
            var user = (await A.Get<UserService>().FindAsync(admin.Actor, person.Id, Token)).Value;
            await A.Get<UserService>().LockAsync(admin.Actor, person.Id, user.Revision, Token);
            return await UntilAsync(async () => await StatusAsync(client) != HttpStatusCode.OK);
        });
        // Each request reads the database then, so that it takes longer; what counts is that none is accepted.
        var cut = await MeasureAsync(async i =>
        {
            var person = people[(Rounds * 2) + i];
            using var client = B.CreateClient(person);
            await TrustedAsync(B);
            (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
            await CutAsync();
            await A.Get<ApiKeyService>().RevokeAsync(admin.Actor, person.ApiKeyId, Token);
            var accepted = 0;
            await UntilAsync(async () =>
            {
                var isRefused = await StatusAsync(client) == HttpStatusCode.Unauthorized;
                accepted += isRefused ? 0 : 1;
                return isRefused;
            });
            return accepted;
        });
        var settings = await MeasureAsync(async i =>
        {
            var value = 100 + i;
            var state = (await A.Get<SettingsService>().ListAsync(admin.Actor, Token)).Value.Single(s => s.Setting.Key == KeepRuns);
            await A.Get<SettingsService>().SaveAsync(admin.Actor, [new SettingChange(KeepRuns, $"{value}", state.Revision)], Token);
            return await UntilAsync(() => Task.FromResult(B.Get<IOptions<RunsOptions>>().Value.KeepRuns == value));
        });
        var profileKeys = await MeasureAsync(async i =>
        {
            var before = (await profiles.FindAsync(profile, Token))!.Revision;
            await using var db = await A.Contexts.CreateDbContextAsync(Token);
            await db
                .ModelProfiles.Where(p => p.Id == profile)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.Revision, p => p.Revision + 1), Token);
            return await UntilAsync(async () => (await profiles.FindAsync(profile, Token))!.Revision > before);
        });

        Figures.Tell(
            $"from A's answer until B applies it, median of {Rounds}, ms: revoked keys {keys:F0}, locked users {roles:F0}, ",
            $"settings {settings:F0}, model profiles {profileKeys:F0}; requests accepted with a cut listener: {cut:F0}"
        );
        cut.Should().Be(0);
        new[] { keys, roles, settings, profileKeys }.Should().OnlyContain(median => median < Soon.TotalMilliseconds);
    }

    [Fact]
    public async Task Key_RevokedOnA_WhileBIsCutOff_IsRefusedAtTheFirstCall()
    {
        var admin = await A.GetAdminAsync();
        var person = await A.AddPersonAsync(Role.Collaborator);
        using var client = B.CreateClient(person);
        (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
        var listener = B.Services.GetServices<IHostedService>().OfType<HostMembership>().Single();
        await listener.StopAsync(Token);
        await Eventually.HoldsAsync(() => !B.Get<DataVersion>().IsTrusted, "B to stop trusting what it read");

        await A.Get<ApiKeyService>().RevokeAsync(admin.Actor, person.ApiKeyId, Token);
        var status = await StatusAsync(client);

        await listener.StartAsync(Token);
        status.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Role_TakenOnA_IsGoneOnB()
    {
        var admin = await A.GetAdminAsync();
        var person = await A.AddPersonAsync(Role.Admin);
        using var client = B.CreateClient(person);
        (await StatusAsync(client, "/api/v1/users")).Should().Be(HttpStatusCode.OK);

        var user = (await A.Get<UserService>().FindAsync(admin.Actor, person.Id, Token)).Value;
        await A.Get<UserService>().LockAsync(admin.Actor, person.Id, user.Revision, Token);

        await Eventually.HoldsAsync(async () => await StatusAsync(client, "/api/v1/users") != HttpStatusCode.OK, "B to refuse it");
    }

    [Fact]
    public async Task Setting_SavedOnA_AppliesOnB()
    {
        var admin = await A.GetAdminAsync();

        var saved = await A.Get<SettingsService>().SaveAsync(admin.Actor, [new SettingChange(KeepDays, "17", 0)], Token);

        saved.IsOk.Should().BeTrue();
        await Eventually.HoldsAsync(() => B.Get<IOptions<RunsOptions>>().Value.KeepDays == 17, "B to read the setting");
        var stale = await B.Get<SettingsService>().SaveAsync(admin.Actor, [new SettingChange(KeepDays, "18", 0)], Token);
        stale.IsOk.Should().BeFalse("A has changed it since");
    }

    [Fact]
    public async Task ProfileAndLimits_ChangedOnA_AreReadAgainOnB()
    {
        var profile = new ModelProfile
        {
            Name = "before",
            NormalizedName = "BEFORE",
            Provider = "offline",
            Model = "m",
        };
        var workflow = new Workflow { Name = "w" };
        await using (var db = await A.Contexts.CreateDbContextAsync(Token))
        {
            db.AddRange(profile, workflow);
            await db.SaveChangesAsync(Token);
        }

        var profiles = B.Get<ModelProfiles>();
        var limits = B.Get<LiveLimits>();
        (await profiles.FindAsync(profile.Id, Token))!.Name.Should().Be("before");
        (await limits.ForAsync(workflow.Id, Token)).MaxConcurrentRuns.Should().BeNull();
        await using (var db = await A.Contexts.CreateDbContextAsync(Token))
        {
            await db.ModelProfiles.Where(p => p.Id == profile.Id).ExecuteUpdateAsync(set => set.SetProperty(p => p.Name, "after"), Token);
            var stored = await db.Workflows.SingleAsync(w => w.Id == workflow.Id, Token);
            stored.Limits = new WorkflowLimits { MaxConcurrentRuns = 3 };
            await db.SaveChangesAsync(Token);
        }

        await Eventually.HoldsAsync(async () => (await profiles.FindAsync(profile.Id, Token))!.Name == "after", "B to read the profile");
        await Eventually.HoldsAsync(async () => (await limits.ForAsync(workflow.Id, Token)).MaxConcurrentRuns == 3, "B to read the limits");
    }

    [Fact]
    public async Task Hosts_AreListedForAdmins_OnBoth()
    {
        var admin = await A.GetAdminAsync();

        var hosts = (await B.Get<StorageService>().ListHostsAsync(admin.Actor, Token)).Value;

        hosts.Select(host => host.Id).Should().Equal(A.Get<HostIdentity>().Id, B.Get<HostIdentity>().Id);
        hosts.Should().OnlyContain(host => host.HasSession && host.HasLease && host.IsListening && host.Redis == null);
        using var client = B.CreateAdminClient();
        JsonElement items = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                items = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/api/v1/hosts", Token)).GetProperty("items");
                return items.EnumerateArray().All(host => host.TryGetProperty("notificationLagMs", out var lag) && lag.GetInt32() >= 0);
            },
            "both hosts to hear each other"
        );
        items
            .EnumerateArray()
            .Should()
            .OnlyContain(host => host.Text("condition") == "ready" && host.GetProperty("slots").GetInt32() == 256);
        items.EnumerateArray().Select(host => host.GetProperty("isThis").GetBoolean()).Should().Equal(false, true);
        items.EnumerateArray().Should().OnlyContain(host => Math.Abs(host.GetProperty("clockMs").GetInt32()) < 1000);
        items.EnumerateArray().Count(host => host.TryGetProperty("backgroundWork", out _)).Should().Be(1, "A has all of it");
    }

    [Fact]
    public async Task Host_ThatIsNotReady_IsShownByTheOther()
    {
        var admin = await A.GetAdminAsync();
        await Eventually.HoldsAsync(async () => await ReasonAsync() is null, "B to be ready");
        var state = B.Get<HostState>();

        await Eventually.HoldsAsync(
            async () =>
            {
                state.NotReady = "The disk is full.";
                return await ReasonAsync() == "The disk is full.";
            },
            "A to read why"
        );

        await Eventually.HoldsAsync(async () => await ReasonAsync() is null, "the next check of B to clear it");

        async Task<string?> ReasonAsync() =>
            (await A.Get<StorageService>().ListHostsAsync(admin.Actor, Token)).Value.Single(h => h.Id == B.Get<HostIdentity>().Id).NotReady;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path = "/api/v1/workflows")
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
        return response.StatusCode;
    }

    /// <summary>The median, because other tests use the same cores.</summary>
    private static async Task<double> MeasureAsync(Func<int, Task<double>> measure)
    {
        var all = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            all.Add(await measure(i));
        }

        return Figures.Median(all);
    }

    private static async Task<double> UntilAsync(Func<Task<bool>> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            clock.Elapsed.Should().BeLessThan(Eventually.DefaultLimit);
            await Task.Yield();
        }

        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>PostgreSQL ends the session of B, which started last.</summary>
    private async Task CutAsync()
    {
        await using var db = await A.Contexts.CreateDbContextAsync(Token);
        await db.Database.ExecuteSqlAsync(
            $"""
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND CAST(classid AS text) = {PostgresLocks.Class}
            AND objid::bigint = 1000 + (SELECT "Number" FROM "Hosts" WHERE "Id" = {B.Get<HostIdentity>().Id})
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            Token
        );
    }

    private static Task TrustedAsync(PortalHost host) =>
        Eventually.HoldsAsync(() => host.Get<DataVersion>().IsTrusted, "the session of the host to answer");

    public sealed class Pair : IAsyncLifetime
    {
        private TwoPortals? _portals;

        public TwoPortals Portals => _portals!;

        public async ValueTask InitializeAsync() => _portals = await TwoPortals.StartAsync();

        public ValueTask DisposeAsync() => _portals?.DisposeAsync() ?? default;
    }
}
