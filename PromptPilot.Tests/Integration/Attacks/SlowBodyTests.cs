using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>A portal that lets 4 MB of bodies be on their way, 1 MB of one sender.</summary>
public sealed class NarrowPortal : SharedPortal
{
    protected override Action<IServiceCollection> Services => services => services.AddSingleton(new BodyMemory(4 * 1024 * 1024));
}

/// <summary>Senders of big bodies that never end.</summary>
public sealed class SlowBodyTests(NarrowPortal portal) : IClassFixture<NarrowPortal>
{
    private const int Big = 7_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v1/prompts")]
    [InlineData("/v1/chat/completions", Traits = ["Category", "Soak"])]
    [InlineData("/api/v1/import?fileName=x.json", Traits = ["Category", "Soak"])]
    public async Task ManyBigBodies_OfOneKey_AreRefused_AndOthersAreServed(string path)
    {
        var memory = portal.Host.Get<BodyMemory>();
        var greedy = await portal.Host.AddPersonAsync(Role.Admin);
        using var other = portal.Host.CreateClient(await portal.Host.AddPersonAsync(Role.Admin));
        var attackers = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                attackers.Add(await SendPartAsync(path, greedy.ApiKey, 300_000));
            }

            await Eventually.HoldsAsync(() => memory.Used > 500_000, "the bodies to fill the sender's share");
            var answers = await Task.WhenAll(attackers.Select(FirstLineAsync));
            answers.Count(line => line.Contains(" 503 ", StringComparison.Ordinal)).Should().BeGreaterThanOrEqualTo(4);
            memory.Used.Should().BeLessThanOrEqualTo(1024 * 1024);
            using var served = await other.PostAsJsonAsync(
                new Uri("/api/v1/prompts", UriKind.Relative),
                new { name = $"Served {Guid.NewGuid():N}", content = new string('x', 200_000) },
                Token
            );
            served.StatusCode.Should().Be(HttpStatusCode.Created);
        }
        finally
        {
            attackers.ForEach(attacker => attacker.Dispose());
        }

        await Eventually.HoldsAsync(() => memory.Used == 0, "the share to be returned");
        using var again = portal.Host.CreateClient(greedy);
        using var answer = await again.PostAsJsonAsync(
            new Uri("/api/v1/prompts", UriKind.Relative),
            new { name = $"Again {Guid.NewGuid():N}", content = new string('x', 200_000) },
            Token
        );
        answer.StatusCode.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public void Body_SlowerThanEightKilobytesASecond_IsDisconnected()
    {
        var rate = portal.Host.Get<IOptions<KestrelServerOptions>>().Value.Limits.MinRequestBodyDataRate!;
        (rate.BytesPerSecond, rate.GracePeriod).Should().Be((8 * 1024, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Body_SentByteByByte_EndsWithItsConnection()
    {
        var person = await portal.Host.AddPersonAsync(Role.Admin);
        var clock = Stopwatch.StartNew();
        using var slow = await SendPartAsync("/api/v1/prompts", person.ApiKey, 1_000);
        var stream = slow.GetStream();
        await FluentActions
            .Awaiting(async () =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
                while (clock.Elapsed < TimeSpan.FromSeconds(60))
                {
                    await stream.WriteAsync("x"u8.ToArray(), Token);
                    await timer.WaitForNextTickAsync(Token);
                }
            })
            .Should()
            .ThrowAsync<IOException>();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(30));
        portal.Host.Get<BodyMemory>().Used.Should().Be(0);
    }

    /// <summary>The start of a body of 7 MB.</summary>
    private async Task<TcpClient> SendPartAsync(string path, string key, int bytes)
    {
        var address = portal.Host.BaseAddress;
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {Big}\r\n\r\n{{\"content\":\""
        );
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + new string('x', bytes)), Token);
        return client;
    }

    /// <summary>The first line of the answer; empty while there is none.</summary>
    private static async Task<string> FirstLineAsync(TcpClient client)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
            return await reader.ReadLineAsync(limit.Token) ?? "";
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return "";
        }
    }
}
