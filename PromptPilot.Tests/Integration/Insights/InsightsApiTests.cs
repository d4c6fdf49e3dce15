using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Insights;

/// <summary>The figures over HTTP, of what the host itself counted.</summary>
public sealed class InsightsApiTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PortalHost Portal => shared.Host;

    public async ValueTask InitializeAsync() => _client = Portal.CreateClient(await Portal.AddPersonAsync(Role.Viewer));

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Insights_OfACommittedCall_FollowByThemselves_AndAfterARebuild()
    {
        var log = TestLogs.Playground();
        log.Timestamp = DateTime.UtcNow;
        await using (var db = await Portal.Contexts.CreateDbContextAsync(Token))
        {
            db.ExecutionLogs.Add(log);
            await db.SaveChangesAsync(Token);
        }

        await Eventually.HoldsAsync(async () => await CallsAsync() == 1, "the call to be counted", TimeSpan.FromSeconds(30));
        using var admin = Portal.CreateClient(await Portal.AddPersonAsync(Role.Admin));
        using var rebuilt = await admin.PostAsync(new Uri("/api/v1/insights/rebuild", UriKind.Relative), null, Token);

        rebuilt.StatusCode.Should().Be(HttpStatusCode.Accepted);
        await Eventually.HoldsAsync(async () => await CallsAsync() == 1, "the call to be counted", TimeSpan.FromSeconds(30));
        using var refused = await _client.PostAsync(new Uri("/api/v1/insights/rebuild", UriKind.Relative), null, Token);
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("groupBy=color", "groupBy")]
    [InlineData("unit=month", "unit")]
    [InlineData("trigger=5", "trigger")]
    [InlineData("from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z", "from")]
    [InlineData("groupBy=model&personId=someone", "groupBy")]
    public async Task Insights_WithABadParameter_NameIt(string query, string field)
    {
        using var answer = await _client.GetAsync(new Uri($"/api/v1/insights?{query}", UriKind.Relative), Token);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        problem.GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue();
    }

    [Fact]
    public async Task Export_IsCsv()
    {
        using var answer = await _client.GetAsync(new Uri("/api/v1/insights/export?groupBy=model&table=series", UriKind.Relative), Token);

        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/csv");
        (await answer.Content.ReadAsStringAsync(Token)).TrimStart('\uFEFF').Should().StartWith("start,count");
    }

    private async Task<long> CallsAsync()
    {
        var report = await _client.GetFromJsonAsync<JsonElement>("/api/v1/insights?groupBy=model", Token);
        return report.GetProperty("totals").GetProperty("count").GetInt64();
    }
}
