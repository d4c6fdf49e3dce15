using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>Hooks as programs make them, and what is kept of them.</summary>
public sealed class HooksApiTests(SharedPortalWithReceivers shared) : IClassFixture<SharedPortalWithReceivers>, IAsyncLifetime
{
    private readonly PortalHost _portal = shared.Host;
    private FakeModelServer _model = null!;
    private HookReceiver _receiver = null!;
    private HttpClient _http = null!;
    private RunApi _api = null!;
    private string _workflow = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Hooks => $"workflows/{_workflow}/integration-hooks";

    public async ValueTask InitializeAsync()
    {
        _receiver = await HookReceiver.StartAsync();
        _model = await FakeModelServer.StartAsync();
        _http = _portal.CreateAdminClient();
        _api = new RunApi(_http);
        var profile = await _api.AddProfileAsync(_model.Endpoint, $"Fake {Guid.NewGuid():N}");
        _workflow = await _api.AddWorkflowAsync(profile, ("one", ["text"]), ("two", ["one"]));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _model.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Hook_IsMadeWithASecretShownOnce_AndSignsWithIt()
    {
        var made = await _api.SendAsync(
            HttpMethod.Post,
            Hooks,
            new
            {
                type = "webhook",
                targetUrl = $"{_receiver.Address}/in",
                on = new[] { "succeeded" },
                outputs = new[] { "two" },
            }
        );
        var secret = made.Text("authToken");
        var hook = $"{Hooks}/{made.Text("id")}";

        await _api.RunAsync(_workflow);
        await _receiver.CountAsync(1);

        _receiver.Messages[0].IsSignedBy(secret).Should().BeTrue();
        made.Text("name").Should().Be("Webhook to 127.0.0.1");
        var read = await _api.SendAsync(HttpMethod.Get, hook, null);
        read.TryGetProperty("authToken", out _).Should().BeFalse();
        read.GetProperty("hasAuthToken").GetBoolean().Should().BeTrue();
        read.Text("linkedWorkflowId").Should().Be(_workflow);
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        (await db.IntegrationHooks.SingleAsync(hook => hook.LinkedWorkflowId == _workflow, Cancellation))
            .AuthToken.Should()
            .NotContain(secret[6..]);
        string.Join('\n', _portal.Log).Should().NotContain(secret[6..]);
        (await _api.SendAsync(HttpMethod.Get, Hooks, null)).GetProperty("items").GetArrayLength().Should().Be(1);
    }

    [Fact]
    public async Task SlackAddress_IsASecret_ThatAnUpdateKeeps()
    {
        var made = await _api.SendAsync(HttpMethod.Post, Hooks, new { type = "slack", targetUrl = $"{_receiver.Address}/services/canary" });
        var shown = made.Text("targetUrl");
        shown.Should().Be($"{_receiver.Address}/…");

        await _api.SendAsync(
            HttpMethod.Put,
            $"{Hooks}/{made.Text("id")}",
            new
            {
                type = "slack",
                name = "Channel",
                targetUrl = shown,
            }
        );
        var test = await _api.SendAsync(HttpMethod.Post, $"{Hooks}/{made.Text("id")}/test", null);

        test.Text("verdict").Should().Be("delivered");
        _receiver.Messages.Should().ContainSingle().Which.Path.Should().Be("/services/canary");
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        JsonSerializer.Serialize(await db.IntegrationHooks.ToListAsync(Cancellation)).Should().NotContain("canary");
        string.Join('\n', _portal.Log).Should().NotContain("canary");
    }

    [Fact]
    public async Task Body_OfAnAuthor_IsWhatIsSentAndSigned_AndItsAddressIsASecret()
    {
        var body = """{"embeds": [{"title": "{{ title }}", "description": "{{ data.outputs.two }}", "url": "{{ url }}"}]}""";
        var made = await _api.SendAsync(
            HttpMethod.Post,
            Hooks,
            new
            {
                type = "webhook",
                targetUrl = $"{_receiver.Address}/canary2",
                body,
            }
        );
        var shown = made.Text("targetUrl");
        shown.Should().Be($"{_receiver.Address}/…");
        made.Text("body").Should().Be(body);
        _model.Script = _ => FakeAnswer.Of("\"Yes\"\nshe said");

        await _api.RunAsync(_workflow);
        await _receiver.CountAsync(1);

        var message = _receiver.Messages[0];
        message.Path.Should().Be("/canary2");
        message.IsSignedBy(made.Text("authToken")).Should().BeTrue();
        var embed = message.Json.GetProperty("embeds")[0];
        embed.Text("title").Should().Contain("succeeded");
        embed.Text("description").Should().Be("\"Yes\"\nshe said");
        embed.Text("url").Should().Contain("/runs/");
        var path = $"{Hooks}/{made.Text("id")}";
        var without = await _api.SendAsync(HttpMethod.Put, path, new { type = "webhook", targetUrl = shown });
        without.TryGetProperty("body", out _).Should().BeFalse();
        without.Text("targetUrl").Should().Be(shown, "an address that was a secret stays one");
        await _api.SendAsync(HttpMethod.Post, $"{path}/test", null);
        _receiver.Messages[^1].Json.Text("type").Should().Be("test", "the usual body again");
        string.Join('\n', _portal.Log).Should().NotContain("canary2");
    }

    [Theory]
    [InlineData("""{"type": "webhook", "targetUrl": "https://example.org", "on": []}""", "on", "at least one")]
    [InlineData("""{"type": "webhook", "targetUrl": "example.org"}""", "targetUrl", "complete URL")]
    [InlineData("""{"type": "webhook"}""", "targetUrl", "complete URL")]
    [InlineData("""{"type": "webhook", "targetUrl": "https://example.org", "authToken": "whsec_not base64!"}""", "authToken", "base64")]
    [InlineData("""{"type": "webhook", "targetUrl": "https://example.org", "authToken": "secret"}""", "authToken", "whsec_")]
    [InlineData("""{"type": "webhook", "targetUrl": "https://example.org", "outputs": ["three"]}""", "outputs", "no output “three”")]
    [InlineData("""{"type": "webhook", "targetUrl": "https://example.org", "name": " "}""", "name", "Enter a name")]
    [InlineData(
        """{"type": "slack", "targetUrl": "https://hooks.slack.com/services/x", "authToken": "x"}""",
        "authToken",
        "Slack needs no secret"
    )]
    [InlineData("""{"type": "slack"}""", "targetUrl", "Paste the address")]
    [InlineData("""{"type": "email"}""", "targetUrl", "Enter an e-mail address")]
    [InlineData("""{"type": "email", "targetUrl": "mailto:ann@example.org,bob@example.org"}""", "targetUrl", "not an e-mail address")]
    [InlineData("""{"type": "email", "targetUrl": "mailto:ann@example.org?bcc=bob@example.org"}""", "targetUrl", "not an e-mail address")]
    [InlineData("""{"type": "email", "targetUrl": "mailto:ann@example.org", "authToken": "x"}""", "authToken", "not signed")]
    [InlineData("""{"type": "email", "targetUrl": "mailto:ann@example.org", "body": "{}"}""", "body", "Only webhooks")]
    [InlineData(
        """{"type": "webhook", "targetUrl": "https://example.org", "body": "{\"a\": {{ titel }} }"}""",
        "body",
        "Line 1, column 10"
    )]
    [InlineData("""{"type": "webhook", "targetUrl": "https://example.org", "body": "{\"a\": {{ title }} }"}""", "body", "not valid JSON")]
    public async Task WrongHook_IsRefusedAtItsField(string body, string field, string message)
    {
        using var answer = await _http.PostAsJsonAsync(
            new Uri($"/api/v1/{Hooks}", UriKind.Relative),
            JsonSerializer.Deserialize<JsonElement>(body),
            Cancellation
        );

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        JsonSerializer
            .Deserialize<JsonElement>(text)
            .GetProperty("errors")
            .GetRawText()
            .Should()
            .Contain($"\"{field}\"", text)
            .And.Contain(message);
    }

    [Fact]
    public async Task ChangedAddress_WantsTheSecretAgain()
    {
        var made = await _api.SendAsync(HttpMethod.Post, Hooks, new { type = "webhook", targetUrl = "https://example.org/a" });

        using var refused = await _api.TrySendAsync(
            HttpMethod.Put,
            $"{Hooks}/{made.Text("id")}",
            new { type = "webhook", targetUrl = "https://evil.example/a" }
        );
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancellation)).Should().Contain("Enter the secret again");
        var changed = await _api.SendAsync(
            HttpMethod.Put,
            $"{Hooks}/{made.Text("id")}",
            new
            {
                type = "webhook",
                targetUrl = "https://example.org/b",
                authToken = made.Text("authToken"),
            }
        );

        changed.Text("targetUrl").Should().Be("https://example.org/b");
    }

    [Fact]
    public async Task Hook_OfAnotherWorkflow_IsNotFound()
    {
        var other = await _api.AddWorkflowAsync(
            (await _api.SendAsync(HttpMethod.Get, "model-profiles", null)).GetProperty("items")[0].Text("id"),
            ("one", ["text"])
        );
        var made = await _api.SendAsync(HttpMethod.Post, Hooks, new { type = "webhook", targetUrl = "https://example.org/a" });

        foreach (
            var (method, path) in new[]
            {
                (HttpMethod.Get, ""),
                (HttpMethod.Delete, ""),
                (HttpMethod.Post, "/test"),
                (HttpMethod.Get, "/deliveries"),
            }
        )
        {
            using var answer = await _api.TrySendAsync(method, $"workflows/{other}/integration-hooks/{made.Text("id")}{path}", null);
            answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task FailedDelivery_IsShownWithItsAttempts_AndSentAgain()
    {
        _receiver.Answer = _ => new ReceiverAnswer(400, "Bad \u0007 <b>request</b>");
        var made = await _api.SendAsync(HttpMethod.Post, Hooks, new { type = "webhook", targetUrl = $"{_receiver.Address}/in" });
        var deliveries = $"{Hooks}/{made.Text("id")}/deliveries";
        await _api.RunAsync(_workflow);
        var failed = await EndedAsync(deliveries, "failed");
        failed.Text("lastVerdict").Should().Be("rejected");
        var id = failed.Text("id");
        var details = await _api.SendAsync(HttpMethod.Get, $"{deliveries}/{id}", null);
        details.GetProperty("attempts")[0].Text("excerpt").Should().Be("Bad  <b>request</b>");
        details.GetProperty("payload").Text("event").Should().Be("succeeded");

        _receiver.Answer = _ => new ReceiverAnswer();
        await _api.SendAsync(HttpMethod.Post, $"{deliveries}/{id}/resend", null);
        await EndedAsync(deliveries, "delivered");

        _receiver.Messages.Select(message => message.Id).Should().Equal(id, id);
    }

    [Fact]
    public async Task Viewer_ReadsHooks_AndChangesNothing()
    {
        var made = await _api.SendAsync(HttpMethod.Post, Hooks, new { type = "webhook", targetUrl = "https://example.org/a" });
        using var client = _portal.CreateClient(await _portal.AddPersonAsync(Role.Viewer));
        var viewer = new RunApi(client);

        (await viewer.SendAsync(HttpMethod.Get, $"{Hooks}/{made.Text("id")}", null)).Text("targetUrl").Should().Be("https://example.org/a");
        using var refused = await viewer.TrySendAsync(HttpMethod.Delete, $"{Hooks}/{made.Text("id")}", null);

        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    private async Task<JsonElement> EndedAsync(string deliveries, string state)
    {
        JsonElement found = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                var items = (await _api.SendAsync(HttpMethod.Get, deliveries, null)).GetProperty("items");
                found = items.GetArrayLength() == 0 ? default : items[0];
                return items.GetArrayLength() > 0 && found.Text("state") == state;
            },
            $"the delivery to be {state}",
            HookWorld.Limit
        );
        return found;
    }
}
