using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>The model-profiles routes, over HTTP.</summary>
public sealed class ModelProfilesApiTests : IAsyncLifetime
{
    private const string Canary = "sk-canary-8675309";
    private PortalHost _portal = null!;
    private FakeModelServer _server = null!;
    private HttpClient _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await PortalHost.StartAsync();
        _server = await FakeModelServer.StartAsync();
        _admin = _portal.CreateAdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Profile_FromCreateToDelete_NeverShowsItsKey()
    {
        var created = await _admin.PostAsJsonAsync("/api/v1/model-profiles", Body(), Token);
        created.StatusCode.Should().Be(HttpStatusCode.Created);
        var id = (await ReadAsync(created)).GetProperty("id").GetString()!;
        created.Headers.Location!.ToString().Should().Be($"/api/v1/model-profiles/{id}");
        created.Headers.ETag!.Tag.Should().Be("\"1\"");

        var read = await ReadAsync(await _admin.GetAsync(created.Headers.Location, Token));
        read.GetProperty("hasApiKey").GetBoolean().Should().BeTrue();
        read.TryGetProperty("apiKey", out _).Should().BeFalse();
        read.GetProperty("provider").GetString().Should().Be("openai-compatible");
        read.GetProperty("parameters").GetProperty("temperature").GetDouble().Should().Be(0.3);
        read.GetProperty("parameters").TryGetProperty("topP", out _).Should().BeFalse();
        read.GetProperty("prices").GetProperty("inputPerMillion").GetDecimal().Should().Be(0.15m);

        var test = await ReadAsync(await _admin.PostAsync($"/api/v1/model-profiles/{id}/test", null, Token));
        test.GetProperty("ok").GetBoolean().Should().BeTrue();
        test.GetProperty("answer").GetString().Should().StartWith("The team met");
        _server.Calls.Single().Headers["Authorization"].Should().Be("Bearer " + Canary);

        _server.Default = FakeAnswer.Error(401, $"Bad key {Canary}");
        var failed = await ReadAsync(await _admin.PostAsync($"/api/v1/model-profiles/{id}/test", null, Token));
        failed.GetProperty("error").GetProperty("code").GetString().Should().Be("auth");

        using var stale = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/model-profiles/{id}") { Content = JsonContent.Create(Body()) };
        stale.Headers.TryAddWithoutValidation("If-Match", "\"7\"");
        (await _admin.SendAsync(stale, Token)).StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);

        (await _admin.DeleteAsync($"/api/v1/model-profiles/{id}", Token)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await _admin.GetAsync($"/api/v1/model-profiles/{id}", Token)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        _portal.Log.Should().NotContain(line => line.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BudgetsAndLimits_AreFieldsOfTheProfile()
    {
        var created = await ReadAsync(
            await _admin.PostAsJsonAsync(
                "/api/v1/model-profiles",
                new
                {
                    name = "Limited",
                    provider = "ollama",
                    model = "m",
                    limits = new { concurrentCalls = 4, requestsPerMinute = 60 },
                    budgets = new { day = 1.5m },
                },
                Token
            )
        );
        created
            .GetProperty("limits")
            .GetRawText()
            .Should()
            .Be("""{"firstTokenSeconds":60,"idleSeconds":30,"attemptSeconds":900,"concurrentCalls":4,"requestsPerMinute":60}""");
        created.GetProperty("budgets").GetRawText().Should().Be("""{"day":1.5}""");
        created.GetProperty("structuredOutput").GetBoolean().Should().BeTrue();

        var replaced = await ReadAsync(
            await _admin.PutAsJsonAsync(
                $"/api/v1/model-profiles/{created.GetProperty("id").GetString()}",
                new
                {
                    name = "Limited",
                    provider = "ollama",
                    model = "m",
                    structuredOutput = false,
                },
                Token
            )
        );
        replaced.GetProperty("budgets").GetRawText().Should().Be("{}");
        replaced.GetProperty("limits").TryGetProperty("concurrentCalls", out _).Should().BeFalse();
        replaced.GetProperty("structuredOutput").GetBoolean().Should().BeFalse();

        var wrong = await _admin.PostAsJsonAsync(
            "/api/v1/model-profiles",
            new
            {
                name = "x",
                provider = "ollama",
                model = "m",
                limits = new { concurrentCalls = 0 },
                budgets = new { month = -1 },
            },
            Token
        );
        (await wrong.Content.ReadFromJsonAsync<JsonElement>(Token))
            .GetProperty("errors")
            .EnumerateObject()
            .Select(e => e.Name)
            .Should()
            .BeEquivalentTo("limits.concurrentCalls", "budgets.month");
    }

    [Fact]
    public async Task Create_Wrong_IsAProblemWithFieldErrors()
    {
        var answer = await _admin.PostAsJsonAsync(
            "/api/v1/model-profiles",
            new
            {
                name = "x",
                provider = "openai",
                endpoint = "http://169.254.169.254/v1",
                model = "m",
            },
            Token
        );

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors");
        errors.EnumerateObject().Select(e => e.Name).Should().BeEquivalentTo("endpoint", "apiKey");
    }

    [Fact]
    public async Task Routes_OtherRoles_SeeNamesOnly()
    {
        await _admin.PostAsJsonAsync("/api/v1/model-profiles", Body(), Token);
        foreach (var role in new[] { Role.Viewer, Role.Collaborator, Role.Architect })
        {
            using var client = _portal.CreateClient(await _portal.AddPersonAsync(role));
            (await client.GetAsync("/api/v1/model-profiles", Token)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
            (await client.PostAsJsonAsync("/api/v1/model-profiles", Body(), Token)).StatusCode.Should().Be(HttpStatusCode.Forbidden);

            var names = await client.GetStringAsync("/api/v1/model-profiles/names", Token);
            names.Should().Contain("Fake").And.NotContain("127.0.0.1").And.NotContain("hasApiKey");
        }

        using var nobody = _portal.CreateClient();
        (await nobody.GetAsync("/api/v1/model-profiles/names", Token)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    private object Body() =>
        new
        {
            name = "Fake",
            provider = "OpenAI-compatible",
            endpoint = _server.Endpoint,
            model = "fake-1",
            apiKey = Canary,
            parameters = new { temperature = 0.3, maxTokens = 200 },
            prices = new { inputPerMillion = 0.15m, outputPerMillion = 0.6m },
        };

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        response.IsSuccessStatusCode.Should().BeTrue(text);
        text.Should().NotContain("canary");
        return JsonDocument.Parse(text).RootElement;
    }
}
