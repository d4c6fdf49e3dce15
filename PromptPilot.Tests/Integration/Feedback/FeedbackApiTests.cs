using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Feedback;

public sealed class FeedbackApiTests : IAsyncLifetime
{
    private PortalHost _portal = null!;
    private HttpClient _client = null!;
    private TestPerson _ann = null!;
    private string _logId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await PortalHost.StartAsync();
        _ann = await _portal.AddPersonAsync(Role.Collaborator);
        _client = _portal.CreateClient(_ann);
        var log = TestLogs.Playground();
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        db.ExecutionLogs.Add(log);
        await db.SaveChangesAsync(Token);
        _logId = log.Id;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task ExecutionLog_HasTheNamesOfTheDataModel()
    {
        var log = await _client.GetFromJsonAsync<JsonElement>($"/api/v1/execution-logs/{_logId}", Token);

        log.GetProperty("id").GetString().Should().Be(_logId);
        log.GetProperty("promptId").GetString().Should().Be("prompt-1");
        log.GetProperty("input").GetProperty("notes").GetString().Should().Be("Grüße 👋");
        log.GetProperty("output").GetString().Should().Be("A short summary.");
        log.GetProperty("modelUsed").GetString().Should().Be("fake-1");
        log.GetProperty("status").GetString().Should().Be("success");
        log.GetProperty("timestamp").GetDateTime().Should().Be(TestLogs.Start);
        log.GetProperty("durationMs").GetInt64().Should().Be(1200);
        log.GetProperty("cost").GetDecimal().Should().Be(0.0015m);
        log.TryGetProperty("workflowId", out _).Should().BeFalse("a playground call belongs to no workflow");
    }

    [Fact]
    public async Task ExecutionLogs_ByStatus_AreFiltered()
    {
        (await Ids("?status=success")).Should().Equal(_logId);
        (await Ids("?status=timeout")).Should().BeEmpty();
        using var wrong = await _client.GetAsync(new Uri("/api/v1/execution-logs?status=7", UriKind.Relative), Token);
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").TryGetProperty("status", out _).Should().BeTrue();
    }

    [Fact]
    public async Task Feedback_PutThenGet_ShowsTheCallersOwn()
    {
        using var put = await PutAsync(
            new
            {
                rating = 4,
                comment = "Good",
                tags = new[] { "terse" },
            }
        );
        put.StatusCode.Should().Be(HttpStatusCode.OK);

        var list = await _client.GetFromJsonAsync<JsonElement>($"/api/v1/execution-logs/{_logId}/feedback", Token);

        var item = list.GetProperty("items").EnumerateArray().Should().ContainSingle().Subject;
        item.GetProperty("executionId").GetString().Should().Be(_logId);
        item.GetProperty("userId").GetString().Should().Be(_ann.Id);
        item.GetProperty("rating").GetInt32().Should().Be(4);
        item.GetProperty("comment").GetString().Should().Be("Good");
        item.GetProperty("tags")[0].GetString().Should().Be("terse");
    }

    [Fact]
    public async Task Feedback_InAnotherUsersName_IsRefused()
    {
        using var put = await PutAsync(new { rating = 1, userId = "another-user" });

        put.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await put.Content.ReadAsStringAsync(Token)).Should().Contain("userId");
        using var list = await _client.GetAsync(new Uri($"/api/v1/execution-logs/{_logId}/feedback", UriKind.Relative), Token);
        (await list.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("""{}""", "rating")]
    [InlineData("""{"rating":6}""", "rating")]
    [InlineData("""{"rating":"good"}""", null)]
    [InlineData("""not json""", null)]
    public async Task Feedback_WithABadBody_Is400(string body, string? field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var put = await _client.PutAsync(new Uri($"/api/v1/execution-logs/{_logId}/feedback", UriKind.Relative), content, Token);

        put.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        put.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        if (field is not null)
        {
            (await put.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue();
        }
    }

    [Fact]
    public async Task Feedback_ByAViewerOrNobody_IsRefused()
    {
        using var viewer = _portal.CreateClient(await _portal.AddPersonAsync(Role.Viewer));
        using var nobody = _portal.CreateClient();

        using var forbidden = await PutAsync(new { rating = 3 }, viewer);
        using var unknown = await PutAsync(new { rating = 3 }, nobody);

        forbidden.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        unknown.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    private Task<HttpResponseMessage> PutAsync(object body, HttpClient? client = null) =>
        (client ?? _client).PutAsJsonAsync($"/api/v1/execution-logs/{_logId}/feedback", body, Token);

    private async Task<IEnumerable<string?>> Ids(string query) =>
        (await _client.GetFromJsonAsync<JsonElement>($"/api/v1/execution-logs{query}", Token))
            .GetProperty("items")
            .EnumerateArray()
            .Select(log => log.GetProperty("id").GetString())
            .ToList();
}
