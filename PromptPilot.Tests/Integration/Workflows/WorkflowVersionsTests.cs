using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Workflows;

/// <summary>The history of a workflow, and two people who edit it at the same time, over HTTP and through the service.</summary>
public sealed class WorkflowVersionsTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private readonly PortalHost _portal = shared.Host;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private TestPerson _ann = null!;
    private string _id = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private WorkflowVersionService Versions => _portal.Get<WorkflowVersionService>();

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _ann = await _portal.AddPersonAsync(Role.Architect, name: "Ann");
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
        _id = await _api.AddWorkflowAsync(
            await _api.AddProfileAsync(_model.Endpoint, $"Fake {Guid.NewGuid():N}"),
            ("facts", ["text"]),
            ("digest", ["facts"])
        );
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Versions_AreListedWithWhoAndWhy_AndComparedInWords()
    {
        await ChangeAsync(_client, workflow => workflow["steps"]![1]!["inputMapping"]!["facts"] = "facts | upcase");
        await _api.SendAsync(HttpMethod.Post, $"workflows/{_id}/publish", new { message = "Shout the facts" });
        await ChangeAsync(_client, workflow => workflow["steps"]![1]!["maxAttempts"] = 1);

        var listed = (await Versions.ListAsync(_ann.Actor, _id, new PageRequest(), Cancellation)).Value.Items;
        listed.Select(version => (version.Number, version.Message)).Should().Equal((2, "Shout the facts"), (1, null));
        listed[0].By.Should().Be((await _portal.GetAdminAsync()).Name);
        (await WordsAsync(1, 2)).Should().Equal("Step “digest” fills “facts” with facts | upcase instead of facts.");
        (await WordsAsync(2, null)).Should().Equal("Step “digest” has a number of attempts: 1.");
        (await WordsAsync(2, 2)).Should().BeEmpty();
        (await Versions.CompareAsync(_ann.Actor, _id, 1, 9, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        (await Versions.CompareAsync(_ann.Actor, "missing", null, null, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        var page = (await Versions.ListAsync(_ann.Actor, _id, new PageRequest(Limit: 1), Cancellation)).Value;
        (await Versions.ListAsync(_ann.Actor, _id, new PageRequest(page.Next, 1), Cancellation))
            .Value.Items.Should()
            .ContainSingle()
            .Which.Number.Should()
            .Be(1);
        (await Versions.ListAsync(_ann.Actor, _id, new PageRequest("x"), Cancellation)).Problem!.Errors.Single().Field.Should().Be("after");
    }

    [Fact]
    public async Task Compare_ADraftThatFollowsLatest_WithItsVersion_SeesOnlyANewerPrompt()
    {
        (await WordsAsync(1, null)).Should().BeEmpty("latest is still what was published");
        var promptId = (await _api.FindWorkflowAsync(_id))["steps"]![1]!["promptId"]!.GetValue<string>();
        var prompt = JsonNode.Parse((await _api.SendAsync(HttpMethod.Get, $"prompts/{promptId}", null)).GetRawText())!;
        await _api.SendAsync(
            HttpMethod.Put,
            $"prompts/{promptId}",
            new
            {
                name = prompt["name"]!.GetValue<string>(),
                content = "digest, shorter: {{ facts }}",
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );

        (await WordsAsync(1, null)).Should().Equal("Step “digest” now uses prompt 1.1.0 instead of 1.0.0.");
    }

    [Fact]
    public async Task FindContent_GivesWhatRan_WithExactVersions_AndCanBeSavedAsTheDraft()
    {
        await ChangeAsync(
            _client,
            workflow =>
            {
                workflow["steps"]!.AsArray().RemoveAt(0);
                workflow["steps"]![0]!["inputMapping"]!["facts"] = "text";
                workflow["tags"] = new JsonArray("kept");
            }
        );

        var content = (await Versions.FindContentAsync(_ann.Actor, _id, 1, Cancellation)).Value;

        content.Steps.Select(step => (step.OutputKey, step.PromptVersion)).Should().Equal(("facts", "1.0.0"), ("digest", "1.0.0"));
        content.Steps[0].Id.Should().BeNull("it was deleted from the draft");
        content.Steps[1].Id.Should().NotBeNull();
        content.Tags.Should().Equal("kept");
        var saved = await _portal.Get<WorkflowService>().UpdateAsync(_ann.Actor, _id, content, null, Cancellation);
        saved.Problem.Should().BeNull();
        (await WordsAsync(1, null)).Should().BeEmpty();
        (await Versions.FindContentAsync(_ann.Actor, _id, 7, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Put_AfterSomebodyElse_IsRefused_AndSaysWho()
    {
        using var ann = _portal.CreateClient(_ann);
        var mine = await GetAsync(_client);
        (await ChangeAsync(ann, workflow => workflow["name"] = "Ann's name")).Should().Be(HttpStatusCode.OK);

        using var refused = await PutAsync(_client, mine.Body, mine.ETag);

        refused.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
        (await refused.Content.ReadAsStringAsync(Cancellation)).Should().Contain("Ann changed this workflow at ");
        var now = await GetAsync(_client);
        now.Body["name"]!.GetValue<string>().Should().Be("Ann's name", "nothing of hers is lost");
        now.Body["updatedBy"]!.GetValue<string>().Should().Be(_ann.Id);
    }

    [Fact]
    public async Task Put_ByTwentyAtOnce_LetsExactlyOneThrough()
    {
        var (body, etag) = await GetAsync(_client);
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async i =>
                {
                    var own = body.DeepClone();
                    own["name"] = $"Name {i}";
                    using var answer = await PutAsync(_client, own, etag);
                    return answer.StatusCode;
                })
        );

        answers.Count(status => status == HttpStatusCode.OK).Should().Be(1);
        answers.Where(status => status != HttpStatusCode.OK).Should().OnlyContain(status => status == HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Publish_WithALongNote_IsRefusedAtIt()
    {
        using var refused = await _api.TrySendAsync(HttpMethod.Post, $"workflows/{_id}/publish", new { message = new string('x', 501) });

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancellation)).Should().Contain("message");
    }

    private async Task<IEnumerable<string>> WordsAsync(int? from, int? to)
    {
        var differences = await Versions.CompareAsync(_ann.Actor, _id, from, to, Cancellation);
        differences.Problem.Should().BeNull();
        return differences.Value.Differences.Select(difference => difference.Words);
    }

    private async Task<HttpStatusCode> ChangeAsync(HttpClient client, Action<JsonNode> change)
    {
        var (body, etag) = await GetAsync(client);
        change(body);
        using var answer = await PutAsync(client, body, etag);
        return answer.StatusCode;
    }

    private async Task<(JsonNode Body, EntityTagHeaderValue ETag)> GetAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri($"/api/v1/workflows/{_id}", UriKind.Relative), Cancellation);
        return (JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!, answer.Headers.ETag!);
    }

    private async Task<HttpResponseMessage> PutAsync(HttpClient client, JsonNode body, EntityTagHeaderValue etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"/api/v1/workflows/{_id}", UriKind.Relative))
        {
            Content = JsonContent.Create(body),
        };
        request.Headers.IfMatch.Add(etag);
        return await client.SendAsync(request, Cancellation);
    }
}
