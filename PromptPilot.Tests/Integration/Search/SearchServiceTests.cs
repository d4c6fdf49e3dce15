using PromptPilot.Core.Search;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Search;

/// <summary>The search over everything, and what the lists of workflows and runs filter by, on the real host over HTTP.</summary>
public sealed class SearchServiceTests : IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private PortalHost _portal = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task Find_RunsByIdNameAndInputs_WorkflowsByNameAndTag_PromptsByText()
    {
        var workflow = await _api.AddWorkflowAsync(await _api.AddProfileAsync(_model.Endpoint), ("draft", ["text"]));
        await TagAsync(workflow, "quarterly 100%");
        var run = (await _api.RunAsync(workflow, "The \"Zeppelin\" café 会议")).Text("id");
        await _api.RunAsync(workflow, "something else");

        (await FindAsync("zeppelin")).Runs.Should().ContainSingle().Which.Id.Should().Be(run);
        (await FindAsync("\"Zeppelin\"")).Runs.Should().ContainSingle();
        (await FindAsync("会议 café")).Runs.Should().ContainSingle();
        (await FindAsync(run)).Runs.Should().ContainSingle().Which.Id.Should().Be(run);
        (await FindAsync("workflow")).Runs.Should().HaveCount(2);
        (await FindAsync("quarter 100%")).Workflows.Should().ContainSingle().Which.CanRun.Should().BeTrue();
        (await FindAsync("draft")).Prompts.Should().ContainSingle();
        (await FindAsync("%")).Runs.Should().BeEmpty();
        (await FindAsync("   ")).Count.Should().Be(0);
    }

    [Fact]
    public async Task Lists_OverHttp_FilterWorkflowsByTagAndOwner_AndRunsByTimeAndText()
    {
        var workflow = await _api.AddWorkflowAsync(await _api.AddProfileAsync(_model.Endpoint), ("draft", ["text"]));
        await TagAsync(workflow, "quarterly");
        var run = (await _api.RunAsync(workflow, "What is the \"50 %\" question?")).Text("id");
        var admin = await _portal.GetAdminAsync();

        (await CountAsync("workflows?tag=quarterly")).Should().Be(1);
        (await CountAsync("workflows?search=quart")).Should().Be(1);
        (await CountAsync("workflows?tag=quart")).Should().Be(0);
        (await CountAsync($"workflows?owner={admin.Id}")).Should().Be(1);
        (await CountAsync("workflows?owner=nobody")).Should().Be(0);
        (await CountAsync($"runs?text={run}")).Should().Be(1);
        var (same, other) = (Uri.EscapeDataString("the \"50 %\" question"), Uri.EscapeDataString("the \"50 _\" question"));
        (await CountAsync($"runs?text={same}")).Should().Be(1, "an input has it");
        (await CountAsync($"runs?text={other}")).Should().Be(0, "an underscore is no wildcard");
        (await CountAsync("runs?from=2000-01-01T00:00:00Z")).Should().Be(1);
        (await CountAsync("runs?to=2000-01-01T00:00:00Z")).Should().Be(0);
        (await CountAsync("prompts?sort=rating&author=nobody")).Should().Be(0);
        using var wrong = await _client.GetAsync("/api/v1/prompts?sort=size", Token);
        wrong.StatusCode.Should().Be(System.Net.HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Bulk_OverHttp_TagsAndArchives_AndAnArchivedPromptStillRuns()
    {
        var workflow = await _api.AddWorkflowAsync(await _api.AddProfileAsync(_model.Endpoint), ("draft", ["text"]));
        var id = (await _api.SendAsync(HttpMethod.Get, "prompts", null)).GetProperty("items")[0].Text("id");

        (await _api.SendAsync(HttpMethod.Post, "prompts/bulk/tag", new { ids = new[] { id, "missing" }, add = new[] { "shared" } }))
            .GetProperty("changed")
            .GetArrayLength()
            .Should()
            .Be(1);
        (await CountAsync("prompts?tag=shared")).Should().Be(1);
        await _api.SendAsync(HttpMethod.Post, "prompts/bulk/archive", new { ids = new[] { id } });
        (await CountAsync("prompts")).Should().Be(0);
        (await CountAsync("prompts?archived=true")).Should().Be(1);
        (await _api.RunAsync(workflow)).Text("status").Should().Be("succeeded");
        await _api.SendAsync(HttpMethod.Post, "prompts/bulk/unarchive", new { ids = new[] { id } });
        (await CountAsync("prompts")).Should().Be(1);
    }

    private async Task TagAsync(string workflow, string tag)
    {
        var body = await _api.FindWorkflowAsync(workflow);
        body["tags"] = new System.Text.Json.Nodes.JsonArray(tag);
        await _api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", body);
    }

    private async Task<SearchResults> FindAsync(string text)
    {
        var viewer = await _portal.AddPersonAsync(Role.Viewer);
        return (await _portal.Get<SearchService>().FindAsync(viewer.Actor, text, Token)).Value;
    }

    private async Task<int> CountAsync(string path) =>
        (await _api.SendAsync(HttpMethod.Get, path, null)).GetProperty("items").GetArrayLength();
}
