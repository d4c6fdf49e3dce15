using System.Net;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// Every address of the portal, found by its routes, with every method, by nobody, with a key and with a cookie: each answer says what it
/// is.
/// </summary>
public sealed class EntranceTests(EntranceTests.World world) : IClassFixture<EntranceTests.World>
{
    private readonly PortalHost _portal = world.Portal;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task EveryAddress_ReadAndPosted_ByEveryone_IsAnsweredWithWhatFits() => CheckAllAsync(["GET", "POST"]);

    [Fact]
    [Trait("Category", "Soak")]
    public Task EveryAddress_WithEveryMethod_ByEveryone_IsAnsweredWithWhatFits() => CheckAllAsync(Entrance.Methods);

    [Theory]
    [InlineData("/nothing-here", HttpStatusCode.NotFound)]
    [InlineData("/nothing-here.css", HttpStatusCode.NotFound)]
    [InlineData("/_framework/nothing.js", HttpStatusCode.NotFound)]
    [InlineData("/_content/MudBlazor/nothing.css", HttpStatusCode.NotFound)]
    [InlineData("//evil.example/x", HttpStatusCode.NotFound)]
    [InlineData("/hooks", HttpStatusCode.NotFound)]
    [InlineData("/hooks/x/y", HttpStatusCode.NotFound)]
    [InlineData("/openapi/v9.json", HttpStatusCode.NotFound)]
    [InlineData("/api", HttpStatusCode.Unauthorized)]
    [InlineData("/API/V1/Nothing", HttpStatusCode.Unauthorized)]
    [InlineData("/export", HttpStatusCode.Unauthorized)]
    [InlineData("/audit/export.csv", HttpStatusCode.Unauthorized)]
    [InlineData("/_blazor", HttpStatusCode.Unauthorized)]
    public async Task Nobody_IsLedToTheSignInByPagesOnly(string path, HttpStatusCode status)
    {
        using var client = _portal.CreateClient();
        using var answer = await client.GetAsync(new Uri(_portal.BaseAddress.OriginalString.TrimEnd('/') + path), Cancellation);

        answer.StatusCode.Should().Be(status);
        answer.Headers.Location.Should().BeNull();
        (await answer.Content.ReadAsStringAsync(Cancellation)).Length.Should().BeGreaterThan(20);
    }

    [Fact]
    public async Task Nobody_OpeningAPage_IsLedToTheSignIn()
    {
        using var client = _portal.CreateClient();
        using var answer = await client.GetAsync(new Uri("/prompts?search=a%26b", UriKind.Relative), Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        new Uri(_portal.BaseAddress, answer.Headers.Location!)
            .PathAndQuery.Should()
            .Be("/account/sign-in?returnUrl=%2Fprompts%3Fsearch%3Da%2526b");
    }

    [Theory]
    [InlineData("/app.css")]
    [InlineData("/theme.css")]
    [InlineData("/account/sign-in")]
    [InlineData("/js/once.js")]
    public async Task Head_IsAnsweredAsGet_WithoutABody(string path)
    {
        using var client = _portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var answer = await client.SendAsync(request, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("SELF", HttpStatusCode.OK)]
    public async Task Hub_IsOpenedFromThePortalsOwnPagesOnly(string origin, HttpStatusCode status)
    {
        using var browser = new CookieClient(_portal);
        await browser.SignInAsync(await _portal.AddPersonAsync(Role.Viewer));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", origin == "SELF" ? _portal.BaseAddress.GetLeftPart(UriPartial.Authority) : origin);

        using var answer = await browser.SendAsync(request, HttpCompletionOption.ResponseContentRead, Cancellation);

        answer.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task Answers_ToSomebody_AreKeptByNoCache_AndCookiesAreNotForScripts()
    {
        var ann = await _portal.AddPersonAsync(Role.Admin);
        using var browser = new CookieClient(_portal);
        using var signedIn = await browser.PostAsync("/account/sign-in", "sign-in", ("Email", ann.Email), ("Password", ann.Password));
        foreach (var cookie in signedIn.Headers.GetValues("Set-Cookie"))
        {
            cookie.Should().ContainEquivalentOf("httponly").And.MatchRegex("(?i)samesite=(lax|strict)");
        }

        using var key = _portal.CreateClient(ann);
        foreach (
            var path in new[] { "/", "/prompts", "/export", "/audit/export.csv", "/account/passkeys", "/api/v1/prompts", "/api/v1/users" }
        )
        {
            using var answer = path.StartsWith("/api", StringComparison.Ordinal)
                ? await key.GetAsync(new Uri(path, UriKind.Relative), Cancellation)
                : await browser.GetAsync(path);
            answer.IsSuccessStatusCode.Should().BeTrue(path);
            answer.Headers.CacheControl!.NoStore.Should().BeTrue(path);
        }

        using var one = await key.GetAsync(new Uri($"/api/v1/users/{ann.Id}", UriKind.Relative), Cancellation);
        one.Headers.CacheControl!.ToString().Should().ContainAll("private", "no-cache");
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("localhost:1", true)]
    public async Task PasswordLink_TakesNoHostFromARequest_ThatIsNotThePortals(string host, bool isOwn)
    {
        using var client = _portal.CreateAdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/users")
        {
            Content = Json($$"""{"email":"{{Guid.NewGuid():N}}@example.org","name":"N","role":"viewer"}"""),
        };
        request.Headers.Host = host;
        using var answer = await client.SendAsync(request, Cancellation);
        var link = JsonDocument
            .Parse(await answer.Content.ReadAsStringAsync(Cancellation))
            .RootElement.GetProperty("passwordLink")
            .GetString();

        link.Should().NotContain("evil").And.Contain("/account/set-password?user=");
        link!.StartsWith("http://localhost:1/", StringComparison.Ordinal).Should().Be(isOwn);
    }

    [Fact]
    public async Task Import_TakesWhatItSays_AndTheOtherAddressesLess()
    {
        using var client = _portal.CreateAdminClient();
        async Task<(HttpStatusCode, string)> PostAsync(string path, int megabytes, string type)
        {
            using var content = new ByteArrayContent(new byte[megabytes * 1024 * 1024]);
            content.Headers.Add("Content-Type", type);
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            // The refusal comes before the body is sent, which else breaks off.
            request.Headers.ExpectContinue = true;
            using var answer = await client.SendAsync(request, Cancellation);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        }

        (await PostAsync("/api/v1/import", 9, "application/zip")).Item1.Should().NotBe(HttpStatusCode.RequestEntityTooLarge);
        var tooMuch = await PostAsync("/api/v1/import", 26, "application/zip");
        tooMuch.Item1.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        tooMuch.Item2.Should().Contain("24 MB");
        var elsewhere = await PostAsync("/api/v1/prompts", 9, "application/json");
        elsewhere.Item1.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        elsewhere.Item2.Should().Contain("8 MB");
        (await File.ReadAllTextAsync(RepositoryRoot.File("deploy", "nginx.conf"), Cancellation))
            .Should()
            .Contain("client_max_body_size 25m;");
    }

    internal static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task CheckAllAsync(string[] methods)
    {
        var ann = await _portal.AddPersonAsync(Role.Admin);
        using var browser = new CookieClient(_portal);
        await browser.SignInAsync(ann);
        using var nobody = _portal.CreateClient();
        using var key = _portal.CreateClient(ann);
        (string Name, Func<HttpRequestMessage, Task<HttpResponseMessage>> Send)[] senders =
        [
            ("nobody", request => nobody.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation)),
            ("key", request => key.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation)),
            ("cookie", request => browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation)),
        ];
        var entrances = Entrance.Of(_portal);
        var wrong = new List<string>();
        foreach (var entrance in entrances)
        {
            foreach (var (name, send) in senders)
            {
                foreach (var method in methods)
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), entrance.Path);
                    using var answer = await send(request);
                    if (await FaultAsync(entrance, name, method, answer) is { } fault)
                    {
                        wrong.Add($"{method} {entrance.Path} by {name}: {(int)answer.StatusCode} {answer.Headers.Location} {fault}");
                    }
                }
            }
        }

        entrances.Should().HaveCountGreaterThan(90);
        wrong.Should().BeEmpty();
        (await browser.IsInAsync()).Should().BeTrue("nothing of it signed her out");
        _portal.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().BeEmpty();
    }

    /// <summary>What is wrong with an answer; null when it fits.</summary>
    private static async Task<string?> FaultAsync(Entrance entrance, string sender, string method, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status >= 500)
        {
            return "is a fault of ours";
        }

        if (status is >= 300 and < 400)
        {
            // The reference of the API adds a slash to its address.
            var isOwnSlash = answer
                .Headers.Location?.OriginalString.TrimEnd('/')
                .EndsWith(entrance.Path.Trim('/'), StringComparison.Ordinal);
            return (entrance.IsPage || isOwnSlash == true) && method is "GET" or "HEAD" ? null : "leads away";
        }

        if (entrance.Path.StartsWith("/api", StringComparison.Ordinal) && sender != "key" && status != 401)
        {
            return "is open without a key";
        }

        // The hub answers a wrong method by itself, without a word; only scripts of ours call it.
        if (status < 400 || method == "HEAD" || (status == 405 && entrance.Path.StartsWith("/_blazor", StringComparison.Ordinal)))
        {
            return null;
        }

        if (status == 405 && answer.Content.Headers.Allow.Count == 0)
        {
            return "does not say what is allowed";
        }

        var body = await answer.Content.ReadAsStringAsync(Cancellation);
        if (body.Length < 10)
        {
            return $"says “{body}”";
        }

        if (!entrance.IsForPrograms)
        {
            return null;
        }

        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            // Agents read errors of JSON-RPC.
            var isRpc = entrance.Path == "/mcp" && body.Contains("\"jsonrpc\"", StringComparison.Ordinal);
            return isRpc || entrance.Path.StartsWith("/openapi", StringComparison.Ordinal) ? null : $"is no problem: {body}";
        }

        var problem = JsonDocument.Parse(body).RootElement;
        var (title, detail) = (problem.GetProperty("title").GetString(), problem.GetProperty("detail").GetString());
        return problem.GetProperty("status").GetInt32() != status ? "has another status inside"
            : title is not { Length: > 3 } || detail is not { Length: > 10 } ? $"says too little: {title}, {detail}"
            : detail.Contains("parameter", StringComparison.Ordinal) ? $"speaks of the code: {detail}"
            : null;
    }

    /// <summary>One portal for all of them, as people run it.</summary>
    public sealed class World : IAsyncLifetime
    {
        public PortalHost Portal { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Portal = await PortalHost.StartAsync(
                new PortalOptions
                {
                    Settings = new Dictionary<string, string?>
                    {
                        ["environment"] = "Production",
                        ["PromptPilot:Http:SignInsPerMinute"] = "10000",
                    },
                }
            );

        public ValueTask DisposeAsync() => Portal.DisposeAsync();
    }
}
