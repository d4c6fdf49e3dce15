using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>What waits for a time does not wait for days more when the system's clock is set back by days.</summary>
public sealed class ClockSetBackTests : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private PortalHost _portal = null!;

    public async ValueTask InitializeAsync() =>
        _portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Services = services => services.RemoveAll<TimeProvider>().AddSingleton<TimeProvider>(_clock),
                Settings = new Dictionary<string, string?> { ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1" },
            }
        );

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Clock_SetBack_DeliveriesAreTriedAgain_AndLockoutsEnd()
    {
        var person = await _portal.AddPersonAsync(Role.Viewer);
        using var browser = new CookieClient(_portal);
        for (var i = 0; i < 5; i++)
        {
            await browser.SignInAsync(person.Email, "a wrong password");
        }

        (await browser.SignInAsync(person)).Should().BeNull("the account is closed for five minutes");
        await using var model = await FakeModelServer.StartAsync();
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Answer = _ => new ReceiverAnswer { Status = 500 };
        using var http = _portal.CreateAdminClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/integration-hooks",
            new
            {
                type = "webhook",
                targetUrl = $"{receiver.Address}/in",
                on = new[] { "succeeded" },
                outputs = Array.Empty<string>(),
            }
        );
        await api.RunAsync(workflow);
        await receiver.CountAsync(1);

        _clock.Set(TimeSpan.FromDays(-2));

        await receiver.CountAsync(2);
        (await browser.SignInAsync(person)).Should().Be("/");
    }

    /// <summary>The real clock, set to another time.</summary>
    private sealed class SetClock : TimeProvider
    {
        private long _offset;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

        public void Set(TimeSpan offset) => Interlocked.Exchange(ref _offset, offset.Ticks);
    }
}
