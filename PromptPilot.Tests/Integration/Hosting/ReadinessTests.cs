using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>What the health addresses say while the portal cannot do its work, and when it can again.</summary>
[Trait("Database", "SQLite")]
public sealed class ReadinessTests(ReadinessTests.World world) : IClassFixture<ReadinessTests.World>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A portal whose disk can be made full.</summary>
    public sealed class World : IAsyncLifetime
    {
        internal PageLimit Disk { get; } = new();

        public PortalHost Portal { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Portal = await PortalHost.StartAsync(
                new PortalOptions
                {
                    Services = services =>
                        services
                            .ConfigureDbContext<SqlitePromptPilotDbContext>(options => options.AddInterceptors(Disk))
                            .AddSingleton<IFirstAdminListener, SlowSample>(),
                }
            );

        public ValueTask DisposeAsync() => Portal.DisposeAsync();
    }

    /// <summary>Makes something for the first admin while the server is already there, and asks whether the portal is ready.</summary>
    internal sealed class SlowSample(ReadyGate gate, IServiceProvider services) : IFirstAdminListener
    {
        public string? Reason { get; private set; }

        public async Task OnFirstAdminAsync(Actor admin, CancellationToken cancellationToken)
        {
            await gate.WaitAsync(cancellationToken);
            Reason = await services.GetRequiredService<Readiness>().FindReasonAsync();
        }
    }

    [Fact]
    public void Ready_WhileTheFirstAdminsWorkspaceIsMade_IsNot()
    {
        var samples = world.Portal.Services.GetServices<IFirstAdminListener>().OfType<SlowSample>().Single();

        samples.Reason.Should().Be("The portal is starting.");
    }

    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Health_OfASoundPortal_AnswersGetAndHead(string path, string text)
    {
        using var client = world.Portal.CreateClient();
        using var get = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await client.SendAsync(request, Cancellation);

        get.StatusCode.Should().Be(HttpStatusCode.OK);
        (await get.Content.ReadAsStringAsync(Cancellation)).Should().Be(text);
        head.StatusCode.Should().Be(HttpStatusCode.OK);
        (await head.Content.ReadAsStringAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Ready_WithAFullDisk_IsNot_TellsAdminsWhy_LogsItOnce_AndIsReadyAgainWithSpace()
    {
        var viewer = await world.Portal.AddPersonAsync(Role.Viewer);
        var before = NotReadyLines().Count;
        world.Disk.Squeeze();
        try
        {
            await BecomesAsync(HttpStatusCode.ServiceUnavailable, "disk is full");
            (await AskAsync(apiKey: null)).Text.Should().Be("not ready");
            (await AskAsync(viewer.ApiKey)).Text.Should().Be("not ready", "why is for admins");
            (await AskAsync("pp_no_such_key")).Text.Should().Be("not ready");
            using var admin = world.Portal.CreateAdminClient();
            for (var i = 0; i < 5; i++)
            {
                using var refused = await admin.PostAsJsonAsync(
                    "/api/v1/prompts",
                    new { name = $"Large {i}", content = new string('x', 100_000) },
                    Cancellation
                );
                refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            }

            world.Portal.Log.Should().NotContain(line => line.Contains("   at "), "a full disk is no bug");
            world.Portal.Log.Count(line => line.Contains("the disk is full", StringComparison.Ordinal)).Should().BeInRange(1, 3);
            NotReadyLines().Skip(before).Should().ContainSingle().Which.Should().Contain("disk is full");
        }
        finally
        {
            world.Disk.Relax();
        }

        await BecomesAsync(HttpStatusCode.OK, "ready");
        world.Portal.Log.Last(line => line.Contains("Readiness", StringComparison.Ordinal)).Should().Contain("ready again");
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        (await db.StoredSettings.AnyAsync(Cancellation)).Should().BeFalse("the check leaves nothing behind");
    }

    [Fact]
    public async Task Ready_WhileAWriteWaits_IsNotAfterTenSeconds_NamesTheHolder_AndIsReadyAgain()
    {
        using (await world.Portal.Get<WriteGate>().EnterAsync("Import.HangsAsync", Cancellation))
        {
            await BecomesAsync(HttpStatusCode.ServiceUnavailable, "Import.HangsAsync");
        }

        await BecomesAsync(HttpStatusCode.OK, "ready");
    }

    [Fact]
    public async Task Ready_WithADamagedKeyRing_IsNot_AndIsReadyAgainWhenItIsRestored()
    {
        var key = Directory.GetFiles(Path.Combine(world.Portal.DataDirectory, "keys"), "key-*.xml").Single();
        var content = await File.ReadAllTextAsync(key, Cancellation);
        await File.WriteAllTextAsync(key, content[..40], Cancellation);
        await BecomesAsync(HttpStatusCode.ServiceUnavailable, "key ring");
        File.Delete(key);
        await BecomesAsync(HttpStatusCode.ServiceUnavailable, "has no keys");

        await File.WriteAllTextAsync(key, content, Cancellation);

        await BecomesAsync(HttpStatusCode.OK, "ready");
    }

    private List<string> NotReadyLines() => [.. world.Portal.Log.Where(line => line.Contains("is not ready:", StringComparison.Ordinal))];

    private async Task BecomesAsync(HttpStatusCode status, string text)
    {
        (HttpStatusCode Status, string Text) last = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                last = await AskAsync(PortalHost.AdminKey);
                return last.Status == status && last.Text.Contains(text, StringComparison.Ordinal);
            },
            $"{status} with “{text}”"
        );
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string? apiKey)
    {
        using var client = apiKey is null ? world.Portal.CreateClient() : world.Portal.CreateClient(apiKey);
        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
