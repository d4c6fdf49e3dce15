using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Prompts;

public sealed class PromptApiTests(SharedPortal shared) : IClassFixture<SharedPortal>, IDisposable
{
    private readonly PortalHost _portal = shared.Host;
    private readonly HttpClient _client = shared.Host.CreateAdminClient();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Prompt_LivesItsLifeOverHttp()
    {
        using var created = await PostAsync(
            """{"name":"Digest","content":"Write {{ notes }}","metadata":{"category":"writing","tags":["weekly"]}}"""
        );
        created.StatusCode.Should().Be(HttpStatusCode.Created);
        var prompt = await BodyAsync(created);
        var id = prompt.GetProperty("id").GetString();
        created.Headers.Location!.ToString().Should().Be($"/api/v1/prompts/{id}");
        created.Headers.ETag!.Tag.Should().Be("\"1\"");
        prompt.GetProperty("variables").EnumerateArray().Select(v => v.GetString()).Should().Equal("notes");
        prompt.GetProperty("metadata").GetProperty("tags")[0].GetString().Should().Be("weekly");
        prompt
            .EnumerateObject()
            .Select(p => p.Name)
            .Should()
            .Contain(["version", "createdBy", "createdAt", "updatedAt", "revision", "variableDefinitions"]);

        using var updated = await PutAsync(id, """{"name":"Digest","content":"Now {{ notes }}"}""", "\"1\"");
        (await BodyAsync(updated)).GetProperty("version").GetString().Should().Be("1.1.0");
        using var stale = await PutAsync(id, """{"name":"Digest","content":"Lost {{ notes }}"}""", "\"1\"");
        stale.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);

        using var label = await _client.PutAsync($"/api/v1/prompts/{id}/labels/production", Json("""{"version":"1.0.0"}"""), Token);
        label.StatusCode.Should().Be(HttpStatusCode.OK);
        (await GetAsync("/api/v1/prompts/by-name/digest?label=production"))
            .GetProperty("content")
            .GetString()
            .Should()
            .Be("Write {{ notes }}");
        (await GetAsync($"/api/v1/prompts/{id}/versions")).GetProperty("items").GetArrayLength().Should().Be(2);
        (await GetAsync("/api/v1/prompts?text=DIGEST")).GetProperty("items")[0].GetProperty("usedBy").GetInt32().Should().Be(0);

        using var deleted = await _client.DeleteAsync($"/api/v1/prompts/{id}", Token);
        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using var gone = await _client.GetAsync($"/api/v1/prompts/{id}", Token);
        gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Messages_LiveTheirLifeOverHttp()
    {
        const string Messages = """
            [{"role":"system","content":"Sort."},{"role":"user","content":"Zebrafish?"},{"role":"assistant","content":"animal"},
            {"role":"placeholder","content":"history"},{"role":"user","content":"{{ thing }}"}]
            """;
        using var created = await PostAsync("""{"name":"Sorter","messages":""" + Messages + "}");
        var prompt = await BodyAsync(created);
        var id = prompt.GetProperty("id").GetString();
        prompt.GetProperty("messages").GetArrayLength().Should().Be(5);
        (prompt.GetProperty("content").GetString(), prompt.GetProperty("systemMessage").GetString()).Should().Be(("{{ thing }}", "Sort."));
        prompt.GetProperty("variables").EnumerateArray().Select(v => v.GetString()).Should().Equal("history", "thing");
        (await GetAsync("/api/v1/prompts?text=zebrafish"))
            .GetProperty("items")
            .GetArrayLength()
            .Should()
            .Be(1, "search reads all messages");
        (await GetAsync("/api/v1/prompts?text=placeholder")).GetProperty("items").GetArrayLength().Should().Be(0, "but no roles");

        // A program that knows no messages must not lose them, and what was read can be sent back.
        using var blind = await PutAsync(id, """{"name":"Sorter","content":"{{ thing }}","systemMessage":"Sort."}""", "*");
        (await BodyAsync(blind)).GetProperty("errors").GetProperty("messages")[0].GetString().Should().Contain("Send “messages” too");
        using var lost = await PutAsync(id, """{"name":"Sorter","content":"Other","messages":""" + Messages + "}", "*");
        (await BodyAsync(lost)).GetProperty("errors").TryGetProperty("content", out _).Should().BeTrue();
        using var changed = await PutAsync(
            id,
            """{"name":"Sorter","content":"{{ thing }}","systemMessage":"Sort.","messages":""" + Messages.Replace("animal", "fish") + "}",
            "\"1\""
        );
        (await BodyAsync(changed)).GetProperty("version").GetString().Should().Be("1.1.0");

        using var text = await PutAsync(id, """{"name":"Sorter","content":"{{ thing }}","messages":[]}""", "\"2\"");
        var single = await BodyAsync(text);
        (single.GetProperty("version").GetString(), single.GetProperty("messages").GetArrayLength()).Should().Be(("2.0.0", 0));
        (await GetAsync($"/api/v1/prompts/{id}/versions")).GetProperty("items")[1].GetProperty("messages").GetArrayLength().Should().Be(5);
    }

    [Theory]
    [InlineData("""{"name":"x","messages":[{"role":"tool","content":"a"}]}""", "messages[0].role")]
    [InlineData("""{"name":"x","messages":[{"role":"assistant","content":"a"},{"role":"system","content":"b"}]}""", "messages")]
    [InlineData("""{"name":"x","content":"{{ a | nope }}"}""", "content")]
    [InlineData("""{"content":"x"}""", "name")]
    [InlineData("""{"name":"x","content":"x","id":"mine"}""", "id")]
    [InlineData("""{"name":"x","content":"x","createdBy":"me"}""", "createdBy")]
    [InlineData("""{"name":7,"content":"x"}""", "name")]
    public async Task Create_Wrong_Is400AtTheField(string body, string field)
    {
        using var response = await PostAsync(body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await BodyAsync(response)).GetProperty("errors").EnumerateObject().Select(e => e.Name).Should().Contain(field);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Create_NoJsonObject_Is400(string body)
    {
        using var response = await PostAsync(body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Create_Mistake_HasLineAndColumn()
    {
        using var response = await PostAsync("""{"name":"x","content":"one\n{{ a | nope }}"}""");
        var detail = (await BodyAsync(response)).GetProperty("details")[0];
        (detail.GetProperty("line").GetInt32(), detail.GetProperty("column").GetInt32()).Should().Be((2, 8));
    }

    [Fact]
    public async Task Create_ByAViewer_IsForbidden_AndByNobody_Unauthenticated()
    {
        using var viewer = _portal.CreateClient(await _portal.AddPersonAsync(Role.Viewer));
        using var forbidden = await viewer.PostAsync("/api/v1/prompts", Json("""{"name":"x","content":"x"}"""), Token);
        forbidden.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var nobody = _portal.CreateClient();
        using var refused = await nobody.GetAsync("/api/v1/prompts", Token);
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(Token);

    private Task<HttpResponseMessage> PostAsync(string body) => _client.PostAsync("/api/v1/prompts", Json(body), Token);

    private async Task<HttpResponseMessage> PutAsync(string? id, string body, string ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/prompts/{id}") { Content = Json(body) };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await _client.SendAsync(request, Token);
    }

    private async Task<JsonElement> GetAsync(string address) => await _client.GetFromJsonAsync<JsonElement>(address, Token);
}
