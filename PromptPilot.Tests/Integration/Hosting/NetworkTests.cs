using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>Behind proxies, and under floods; over real HTTP from outside.</summary>
public sealed class NetworkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, true)]
    [InlineData("10.9.9.9", false)]
    public async Task ForwardedTls_CountsFromATrustedProxyOnly(string? proxy, bool isBelieved)
    {
        await using var portal = await StartAsync(proxy is null ? [] : [new("PromptPilot:Http:TrustedProxies:0", proxy)]);
        using var client = portal.CreateClient();

        using var answer = await SendAsync(
            client,
            HttpMethod.Get,
            "/account/sign-in",
            request =>
            {
                request.Headers.Add("X-Forwarded-Proto", "https");
                request.Headers.Host = "prompts.example.org";
            }
        );

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Headers.Contains("Strict-Transport-Security").Should().Be(isBelieved);
        answer
            .Headers.GetValues("Set-Cookie")
            .Should()
            .NotBeEmpty()
            .And.OnlyContain(cookie => cookie.Contains("secure", StringComparison.OrdinalIgnoreCase) == isBelieved);
    }

    [Fact]
    public async Task SignIn_FloodedFromOneAddress_IsRefusedThereWithRetryAfter_AndOpenForOthers()
    {
        await using var portal = await StartAsync([new("PromptPilot:Http:SignInsPerMinute", "5")]);
        using var client = portal.CreateClient();
        var form = await FormAsync(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => TryAsync(client, form, "203.0.113.7")));

        answers
            .Count(answer => answer.Status == HttpStatusCode.TooManyRequests)
            .Should()
            .BeGreaterThanOrEqualTo(43, "five may try, and one more for each twelve seconds that this takes");
        var refused = answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests);
        refused.RetryAfter.Should().BeInRange(1, 60);
        refused.Body.Should().Contain("Too many attempts").And.Contain($"Wait {refused.RetryAfter} second");
        (await TryAsync(client, form, "203.0.113.8")).Status.Should().Be(HttpStatusCode.OK, "the page says that the password is wrong");
    }

    [Fact]
    public async Task ReturnFromTheProvider_HasALimitOfItsOwn()
    {
        await using var portal = await StartAsync([new("PromptPilot:Http:SignInsPerMinute", "5")]);
        using var client = portal.CreateClient();

        var starts = await CountRefusedAsync(client, OpenIdPaths.Start);
        using var back = await client.GetAsync(new Uri($"{OpenIdPaths.Callback}?state=x&code=y", UriKind.Relative), Token);
        var returns = await CountRefusedAsync(client, OpenIdPaths.Callback);

        starts.Should().BeGreaterThanOrEqualTo(5, "the attempts of this address are used up");
        back.StatusCode.Should().NotBe(HttpStatusCode.TooManyRequests, "a person who was let out can come back");
        returns.Should().BeGreaterThanOrEqualTo(5, "it is limited too");
    }

    /// <returns>How many of 12 requests exceeded the rate limit.</returns>
    private static async Task<int> CountRefusedAsync(HttpClient client, string path)
    {
        var refused = 0;
        for (var i = 0; i < 12; i++)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
            refused += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        return refused;
    }

    [Fact]
    public async Task SignIn_WithAForgedForwardedAddress_StaysTheSameSender()
    {
        await using var portal = await StartAsync([
            new("PromptPilot:Http:SignInsPerMinute", "5"),
            new("PromptPilot:Http:TrustedProxies:0", "10.9.9.9"),
        ]);
        using var client = portal.CreateClient();
        var form = await FormAsync(client);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 20; i++)
        {
            answers.Add((await TryAsync(client, form, $"203.0.113.{i}")).Status);
        }

        answers.Should().Contain(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Api_FloodedWithOneKey_IsRefusedWithRetryAfter_AndOpenForOthers()
    {
        await using var portal = await StartAsync([
            new("PromptPilot:Http:ApiBurst", "20"),
            new("PromptPilot:Http:ApiRequestsPerSecond", "1"),
        ]);
        using var client = portal.CreateAdminClient();

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(async i =>
                {
                    var path = i % 2 == 0 ? "/api/v1/prompts" : "/v1/models";
                    using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
                    return (answer.StatusCode, answer.Headers.RetryAfter?.Delta, Type: answer.Content.Headers.ContentType?.MediaType);
                })
        );

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        refused
            .Should()
            .HaveCountGreaterThanOrEqualTo(150)
            .And.OnlyContain(answer => answer.Delta >= TimeSpan.FromSeconds(1) && answer.Type == "application/problem+json");
        answers
            .Should()
            .OnlyContain(answer => answer.StatusCode == HttpStatusCode.OK || answer.StatusCode == HttpStatusCode.TooManyRequests);
        foreach (var door in new[] { "/v1/chat/completions", "/mcp", "/api/v1/prompts/by-name/x/render", "/api/v1/execution-logs" })
        {
            (await FloodAsync(client, door)).Should().BeGreaterThanOrEqualTo(15, door);
        }

        using var other = await SendAsync(
            client,
            HttpMethod.Get,
            "/api/v1/prompts",
            request => request.Headers.Add("X-Forwarded-For", "203.0.113.9")
        );
        other.StatusCode.Should().Be(HttpStatusCode.OK);
        using var page = await client.GetAsync(new Uri("/account/sign-in", UriKind.Relative), Token);
        page.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    /// <summary>Sends the same key in many spellings.</summary>
    /// <returns>How many of 20 requests exceeded the rate limit.</returns>
    private static async Task<int> FloodAsync(HttpClient client, string door)
    {
        var key = client.DefaultRequestHeaders.Authorization!.Parameter;
        var refused = 0;
        for (var i = 0; i < 20; i++)
        {
            using var answer = await SendAsync(
                client,
                HttpMethod.Post,
                door,
                request => request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {new string(' ', i)}{key}")
            );
            refused += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        return refused;
    }

    [Theory]
    [InlineData("10.0.0.5", true)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("::1", true)]
    [InlineData("fd00::/8", true)]
    [InlineData("proxy.internal", false)]
    [InlineData("10.0.0.0/99", false)]
    [InlineData("", false)]
    public void TrustedProxy_IsAnAddressOrANetwork(string text, bool isOne) => HttpOptions.ParseProxy(text).HasValue.Should().Be(isOne);

    [Fact]
    public void LostPages_AreKeptAsTheSettingsSay()
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder()
                    .AddInMemoryCollection([new("PromptPilot:Http:LostPages", "7"), new("PromptPilot:Http:LostPageSeconds", "40")])
                    .Build()
            )
            .AddNetwork()
            .BuildServiceProvider();

        var circuits = services.GetRequiredService<IOptions<CircuitOptions>>().Value;

        circuits.DisconnectedCircuitMaxRetained.Should().Be(7);
        circuits.DisconnectedCircuitRetentionPeriod.Should().Be(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task OpenPages_EnteredInParallel_AreNeverMoreThanTheMost_AndFreeAgainWhenLeft()
    {
        var pages = new OpenPages(Options.Create(new HttpOptions { PagesPerPerson = 10 }));

        var entered = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => pages.TryEnter("ann"))));

        entered.Count(isIn => isIn).Should().Be(10);
        pages.IsFull("ann").Should().BeTrue();
        pages.IsFull("bob").Should().BeFalse();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => pages.Leave("ann"))));
        pages.IsFull("ann").Should().BeFalse();
        pages.TryEnter("ann").Should().BeTrue();
    }

    [Fact]
    public async Task OpenPageLimit_OverTheMost_RefusesTheCircuit_AndCountsAConnectionOnce()
    {
        var pages = new OpenPages(Options.Create(new HttpOptions { PagesPerPerson = 1 }));
        var person = new Person("ann");
        using var first = new OpenPageLimit(pages, person);
        await first.OnConnectionUpAsync(null!, Token);
        await first.OnConnectionUpAsync(null!, Token);
        using var second = new OpenPageLimit(pages, person);

        await FluentActions.Awaiting(() => second.OnConnectionUpAsync(null!, Token)).Should().ThrowAsync<InvalidOperationException>();

        await first.OnConnectionDownAsync(null!, Token);
        first.Dispose();
        await second.OnConnectionUpAsync(null!, Token);
        pages.IsFull("ann").Should().BeTrue();
    }

    private static Task<PortalHost> StartAsync(KeyValuePair<string, string?>[] settings) =>
        PortalHost.StartAsync(new PortalOptions { Settings = new Dictionary<string, string?>(settings) });

    private static async Task<(HttpStatusCode Status, double? RetryAfter, string Body)> TryAsync(
        HttpClient client,
        Dictionary<string, string> form,
        string from
    )
    {
        using var answer = await SendAsync(
            client,
            HttpMethod.Post,
            "/account/sign-in",
            request =>
            {
                request.Headers.Add("X-Forwarded-For", from);
                request.Content = new FormUrlEncodedContent(form);
            }
        );
        return (
            answer.StatusCode,
            answer.Headers.RetryAfter?.Delta?.TotalSeconds,
            WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token))
        );
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client,
        HttpMethod method,
        string path,
        Action<HttpRequestMessage> with
    )
    {
        using var request = new HttpRequestMessage(method, path);
        with(request);
        return await client.SendAsync(request, Token);
    }

    private static async Task<Dictionary<string, string>> FormAsync(HttpClient client) =>
        new()
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = await PageForms.TokenAsync(client, new Uri("/account/sign-in", UriKind.Relative)),
            ["Form.Email"] = "nobody@example.org",
            ["Form.Password"] = "a wrong password",
        };

    private sealed class Person(string id) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(
                new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id)], "test")))
            );
    }
}
