using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Applications report calls that they made themselves, and rate for their end users.</summary>
[Collection(CallTests.Name)]
public sealed class CallReportTests(CallWorld world)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_IsALog_AndTheSameIdAgainIsTheSameLog()
    {
        var id = Guid.NewGuid().ToString();
        using var client = await world.AddKeyAsync(Permission.Report, Role.Collaborator);
        using var first = await CallWorld.PostAsync(client, "execution-logs", Report(id));
        using var second = await CallWorld.PostAsync(client, "execution-logs", Report(id));
        using var other = await world.AddKeyAsync(Permission.Report);
        using var foreign = await CallWorld.PostAsync(other, "execution-logs", Report(id));

        first.StatusCode.Should().Be(HttpStatusCode.Created);
        first.Headers.Location!.ToString().Should().Be($"/api/v1/execution-logs/{id}");
        second.StatusCode.Should().Be(HttpStatusCode.Created);
        foreign.StatusCode.Should().Be(HttpStatusCode.Conflict);
        var log = await world.Api.SendAsync(HttpMethod.Get, $"execution-logs/{id}", null);
        log.Text("source").Should().Be("reported");
        log.Text("modelUsed").Should().Be("their-model-1");
        log.Text("promptVersionId").Should().Be(world.VersionId);
        log.GetProperty("cost").GetDecimal().Should().Be(0.0021m);
        log.GetProperty("durationMs").GetInt64().Should().Be(830);
        log.GetProperty("input").Text("ticket").Should().Be("It broke");
    }

    [Fact]
    public async Task Report_ByManyAtOnce_WithOneId_IsOneLog()
    {
        var id = Guid.NewGuid().ToString();
        using var client = await world.AddKeyAsync(Permission.Report);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallWorld.PostAsync(client, "execution-logs", Report(id))));

        answers.Select(answer => answer.StatusCode).Should().AllBeEquivalentTo(HttpStatusCode.Created);
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Theory]
    [InlineData("id", "\"ABC\"")]
    [InlineData("promptVersionId", "\"no such\"")]
    [InlineData("model", "\" \"")]
    [InlineData("errorCode", "\"timeout\"")]
    [InlineData("timestamp", "\"2001-01-01T00:00:00Z\"")]
    [InlineData("timestamp", "\"2999-01-01T00:00:00Z\"")]
    [InlineData("durationMs", "-1")]
    [InlineData("durationMs", "1e3")]
    [InlineData("firstTokenMs", "86400001")]
    [InlineData("inputTokens", "-1")]
    [InlineData("outputTokens", "3000000000")]
    [InlineData("cost", "-0.1")]
    [InlineData("cost", "1000.01")]
    [InlineData("cost", "1e30")]
    [InlineData("status", "\"done\"")]
    [InlineData("input", "[]")]
    [InlineData("output", "7")]
    [InlineData("source", "\"application\"")]
    [InlineData("runId", "\"x\"")]
    public async Task Report_WithAWrongField_IsRefusedThere(string field, string value)
    {
        var body = JsonSerializer.SerializeToNode(Report(null))!.AsObject();
        body[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        using var answer = await CallWorld.PostAsync(world.Api.Http, "execution-logs", body);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await CallWorld.JsonAsync(answer)).GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue();
    }

    [Theory]
    [InlineData(Permission.Read, Role.Admin, 403)]
    [InlineData(Permission.Report, Role.Collaborator, 201)]
    [InlineData(Permission.Run, Role.Collaborator, 201)]
    [InlineData(Permission.Admin, Role.Viewer, 403)]
    public async Task Scope_AndRole_Decide(Permission scope, Role role, int status)
    {
        using var client = await world.AddKeyAsync(scope, role);
        using var answer = await CallWorld.PostAsync(client, "execution-logs", Report(null));
        ((int)answer.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task Feedback_OfEachEndUser_IsKeptApart_AndOfThePerson()
    {
        using var client = await world.AddKeyAsync(Permission.Run);
        using var reported = await CallWorld.PostAsync(client, "execution-logs", Report(null));
        var log = (await CallWorld.JsonAsync(reported)).Text("id");

        await RateAsync(client, log, new { thumb = "up", endUser = "u1" });
        await RateAsync(client, log, new { thumb = "down", endUser = "u2" });
        await RateAsync(client, log, new { thumb = "down", endUser = "u1" });
        await RateAsync(client, log, new { rating = 4 });

        (await RatingsAsync(log)).Should().BeEquivalentTo([("u1", 1), ("u2", 1), ("", 4)]);
        using var gone = await client.DeleteAsync(new Uri($"/api/v1/execution-logs/{log}/feedback?endUser=u2", UriKind.Relative), Token);
        gone.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await RatingsAsync(log)).Should().BeEquivalentTo([("u1", 1), ("", 4)]);
    }

    [Fact]
    public async Task Feedback_ByAKeyThatOnlyReports_IsForEndUsersOnly()
    {
        using var client = await world.AddKeyAsync(Permission.Report, Role.Collaborator);
        using var reported = await CallWorld.PostAsync(client, "execution-logs", Report(null));
        var log = (await CallWorld.JsonAsync(reported)).Text("id");

        (await RateAsync(client, log, new { thumb = "up", endUser = "u1" })).Should().Be(HttpStatusCode.OK);
        (await RateAsync(client, log, new { thumb = "up" })).Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("""{"rating":3,"thumb":"up"}""", "thumb")]
    [InlineData("""{"thumb":"sideways"}""", "thumb")]
    [InlineData("""{"thumb":"up","endUser":" "}""", "endUser")]
    [InlineData("""{"endUser":"u1"}""", "rating")]
    public async Task Feedback_ThatDoesNotFit_IsRefusedThere(string body, string field)
    {
        using var reported = await CallWorld.PostAsync(world.Api.Http, "execution-logs", Report(null));
        var log = (await CallWorld.JsonAsync(reported)).Text("id");
        using var answer = await world.Api.Http.PutAsJsonAsync(
            $"/api/v1/execution-logs/{log}/feedback",
            JsonSerializer.Deserialize<JsonElement>(body),
            Token
        );

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await CallWorld.JsonAsync(answer)).GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue();
    }

    private object Report(string? id) =>
        new
        {
            id,
            promptVersionId = world.VersionId,
            model = "their-model-1",
            input = new { ticket = "It broke" },
            output = "A bug.",
            inputTokens = 12,
            outputTokens = 3,
            cost = 0.0021m,
            durationMs = 830,
        };

    private static async Task<HttpStatusCode> RateAsync(HttpClient client, string log, object body)
    {
        using var answer = await client.PutAsJsonAsync($"/api/v1/execution-logs/{log}/feedback", body, Token);
        return answer.StatusCode;
    }

    private async Task<IEnumerable<(string EndUser, int Rating)>> RatingsAsync(string log) =>
        (await world.Api.SendAsync(HttpMethod.Get, $"execution-logs/{log}/feedback", null))
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => (item.TryGetProperty("endUser", out var user) ? user.GetString()! : "", item.GetProperty("rating").GetInt32()))
            .ToList();
}
