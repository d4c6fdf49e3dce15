using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Runs.Reviews;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>A portal under <c>/pilot</c>.</summary>
public sealed class PortalUnderAPath : SharedPortal
{
    protected override Dictionary<string, string?> Settings => new(base.Settings) { ["PromptPilot:Http:PathBase"] = "/pilot" };
}

/// <summary>A portal that is shown under a path, as its proxies pass requests on.</summary>
public sealed class BasePathTests(PortalUnderAPath portal) : IClassFixture<PortalUnderAPath>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/pilot/account/sign-in", null, "/pilot/")]
    [InlineData("/account/sign-in", null, "/pilot/")]
    [InlineData("/account/sign-in", "/other/deep", "/other/deep/")]
    [InlineData("/other/account/sign-in", "/other", "/other/")]
    [InlineData("/account/sign-in", "//evil.example", "/pilot/")]
    [InlineData("/account/sign-in", "/a\"><script>", "/pilot/")]
    [InlineData("/account/sign-in", "/../x", "/pilot/")]
    public async Task Page_HasTheBase_ThatTheProxyShows(string path, string? prefix, string expected)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, prefix);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain($"<base href=\"{expected}\"");
        answer.Headers.GetValues("Set-Cookie").Should().OnlyContain(cookie => cookie.Contains($"path={expected.TrimEnd('/')};"));
    }

    [Theory]
    [InlineData("/pilot", "/pilot/")]
    [InlineData("/pilot?x=1", "/pilot/?x=1")]
    [InlineData("/pilot/runs", "http://*/pilot/account/sign-in?returnUrl=%2Fpilot%2Fruns")]
    [InlineData("/runs", "http://*/pilot/account/sign-in?returnUrl=%2Fpilot%2Fruns")]
    public async Task Redirect_StaysUnderThePath(string path, string location)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);

        answer.Headers.Location?.OriginalString.Should().Match(location);
    }

    [Theory]
    [InlineData("/pilot/app.css")]
    [InlineData("/pilot/_framework/blazor.web.js")]
    [InlineData("/pilot/_content/MudBlazor/MudBlazor.min.js")]
    [InlineData("/pilot/health/ready")]
    [InlineData("/health/ready")]
    [InlineData("/pilot/scalar/")]
    public async Task Files_AreThere(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/pilot")]
    [InlineData("")]
    public async Task Api_AnswersWithAddressesUnderThePath(string prefix)
    {
        using var admin = portal.Host.CreateAdminClient();
        using var made = await admin.PostAsJsonAsync(
            new Uri($"{prefix}/api/v1/prompts", UriKind.Relative),
            new { name = $"Base {Guid.NewGuid():N}", content = "Hello" },
            Cancellation
        );

        made.StatusCode.Should().Be(HttpStatusCode.Created);
        made.Headers.Location!.OriginalString.Should().StartWith("/pilot/api/v1/prompts/");
        using var found = await admin.GetAsync(made.Headers.Location, Cancellation);
        found.StatusCode.Should().Be(HttpStatusCode.OK);
        var document = await admin.GetFromJsonAsync<JsonElement>(new Uri("/pilot/openapi/v1.json", UriKind.Relative), Cancellation);
        document.GetProperty("servers")[0].GetProperty("url").GetString().Should().EndWith("/pilot");
    }

    [Fact]
    public async Task Agents_ReachTheirAddressUnderThePath()
    {
        using var admin = portal.Host.CreateAdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/pilot/mcp", UriKind.Relative))
        {
            Content = JsonContent.Create(
                new
                {
                    jsonrpc = "2.0",
                    id = 1,
                    method = "initialize",
                    @params = new
                    {
                        protocolVersion = "2025-06-18",
                        capabilities = new { },
                        clientInfo = new { name = "test", version = "1" },
                    },
                }
            ),
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");

        using var answer = await admin.SendAsync(request, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain("promptpilot");
    }

    [Fact]
    public async Task ReviewLink_OfAPersonWhoIsNotSignedIn_LeadsThroughSignInToTheRun()
    {
        await using var model = await FakeModelServer.StartAsync();
        using var admin = portal.Host.CreateAdminClient();
        var api = new RunApi(admin);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        var draft = await api.FindWorkflowAsync(workflow);
        draft["steps"]![0]!["review"] = new JsonObject();
        await api.SendAsync(
            HttpMethod.Put,
            $"workflows/{workflow}",
            new JsonObject
            {
                ["name"] = draft["name"]!.DeepClone(),
                ["inputs"] = draft["inputs"]!.DeepClone(),
                ["steps"] = draft["steps"]!.DeepClone(),
            }
        );
        await api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);
        var run = await api.StartRunAsync(workflow);
        await Eventually.HoldsAsync(async () => (await api.FindAsync(run)).Text("status") == "waiting", "the review");
        var step = (await api.FindAsync(run)).GetProperty("steps")[0].Text("stepId");
        var link = portal.Host.Get<ReviewLinks>().PathOf(run, step, DateTime.UtcNow, null);
        var person = await portal.Host.AddPersonAsync(Role.Collaborator);
        using var browser = portal.Host.CreateClient();

        using var asked = await browser.GetAsync(new Uri($"/pilot{link}", UriKind.Relative), Cancellation);
        var signIn = asked.Headers.Location!;
        signIn.AbsolutePath.Should().Be("/pilot/account/sign-in");
        var page = new Uri(signIn.PathAndQuery, UriKind.Relative);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = await PageForms.TokenAsync(browser, page),
                ["Form.Email"] = person.Email,
                ["Form.Password"] = person.Password,
            }
        );
        using var signedIn = await browser.PostAsync(page, form, Cancellation);
        new Uri(portal.Host.BaseAddress, signedIn.Headers.Location!).AbsolutePath.Should().Be($"/pilot{link}");
        using var review = await browser.GetAsync(new Uri($"/pilot{link}", UriKind.Relative), Cancellation);
        new Uri(portal.Host.BaseAddress, review.Headers.Location!).AbsolutePath.Should().Be($"/pilot/runs/{run}");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? prefix = null)
    {
        using var http = portal.Host.CreateClient();
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (prefix is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
        }

        return await http.SendAsync(request, Cancellation);
    }
}
