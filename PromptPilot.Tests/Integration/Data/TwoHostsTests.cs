using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>Changes on one host apply on the other.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class TwoHostsTests(TwoHostsTests.Pair pair) : IClassFixture<TwoHostsTests.Pair>
{
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
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path = "/api/v1/workflows")
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
        return response.StatusCode;
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
