using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Experiments;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Approvals;

/// <summary>A workflow whose publishing is protected.</summary>
public sealed class ProtectedPublishingTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private ApprovalWorld _world = null!;
    private string _workflowId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private WorkflowService Workflows => shared.Host.Get<WorkflowService>();

    public async ValueTask InitializeAsync()
    {
        _world = await ApprovalWorld.CreateAsync(shared.Host);
        using var client = shared.Host.CreateAdminClient();
        var api = new RunApi(client);
        var profile = await api.SendAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = $"Offline {Guid.NewGuid():N}",
                provider = "offline",
                model = "extractive",
            }
        );
        _workflowId = await api.AddWorkflowAsync(profile.Text("id"), ("digest", ["text"]));
        await api.SendAsync(HttpMethod.Put, $"workflows/{_workflowId}/protection", new { approvals = 1 });
        await EditAsync("Edited");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Publish_AsksForApproval_AndIsDoneWithTheLast()
    {
        var id = await AskAsync();
        (await PublishedAsync()).Should().Be(1);

        (await _world.ApproveAsync(_world.Author, id)).Problem!.Kind.Should().Be(ProblemKind.Forbidden, "they edited the draft last");
        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeTrue();

        (await PublishedAsync()).Should().Be(2);
        var view = await _world.FindAsync(id);
        view.Change.ToVersion.Should().Be("2");
        (await Workflows.FindAsync(_world.Second.Actor, _workflowId, Token)).Value.HasUnpublishedChanges.Should().BeFalse();
    }

    [Fact]
    public async Task Draft_ThatWasEditedSince_IsNotPublished()
    {
        var id = await AskAsync();
        await EditAsync("Edited again");

        (await _world.FindAsync(id)).IsOutdated.Should().BeTrue();
        (await _world.ApproveAsync(_world.Second, id)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await PublishedAsync()).Should().Be(1);
    }

    [Fact]
    public async Task OtherWays_PublishNothing()
    {
        var author = _world.Author.Actor;
        (await Workflows.PublishAsync(author, _workflowId, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await Workflows.PublishAsync(_world.Admin.Actor, _workflowId, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await Workflows.DeleteAsync(author, _workflowId, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);

        (await Workflows.ArchiveAsync(author, _workflowId, null, Token)).Problem.Should().BeNull();
        (await Workflows.UnarchiveAsync(author, _workflowId, null, Token)).Problem.Should().BeNull();
        (await Workflows.PublishAsync(author, _workflowId, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await PublishedAsync()).Should().Be(1);
    }

    [Fact]
    public async Task Publish_WithATestSet_NeedsTheExperimentOfExactlyThisDraft()
    {
        await using var model = await FakeModelServer.StartAsync();
        using var client = shared.Host.CreateAdminClient();
        var api = new RunApi(client);
        var tested = await WorkflowWorld.CreateAsync(api, model);
        _workflowId = tested.WorkflowId;
        var setId = await tested.AddSetAsync(cases: 2);
        var other = await api.SendAsync(HttpMethod.Post, "test-sets", new { promptId = _world.PromptId, name = "Of a prompt" });
        var path = $"workflows/{_workflowId}/protection";
        using var foreign = await api.TrySendAsync(HttpMethod.Put, path, new { testSetId = other.Text("id") });
        foreign.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await api.SendAsync(HttpMethod.Put, path, new { testSetId = setId, approvals = 1 });
        using var author = shared.Host.CreateClient(_world.Author);
        var unedited = await api.FindWorkflowAsync(_workflowId);
        await tested.EditAsync(by: new RunApi(author));

        var good = await AskAsync();
        var experiment = await tested.EndOfAsync((await _world.FindAsync(good)).ExperimentId!);
        experiment.GetProperty("variants")[1].GetProperty("comparison").GetProperty("better").GetInt32().Should().Be(2);
        (await _world.ApproveAsync(_world.Second, good)).Value.IsApplied.Should().BeTrue();
        (await PublishedAsync()).Should().Be(2);

        await tested.EditAsync(workflow => workflow["steps"] = unedited["steps"]!.DeepClone(), new RunApi(author));
        var bad = await AskAsync();
        await tested.EndOfAsync((await _world.FindAsync(bad)).ExperimentId!);
        (await _world.ApproveAsync(_world.Second, bad)).Problem!.Message.Should().Contain("0 of 2 calls passed");
        (await PublishedAsync()).Should().Be(2);
    }

    [Fact]
    public async Task Import_OfTheWorkflow_ChangesTheDraftAlone_AndNeedsApprovalToo()
    {
        await EditAsync($"Imported {_workflowId}");
        var exchange = shared.Host.Get<ExchangeService>();
        var exported = await exchange.ExportAsync(_world.Author.Actor, new ExportSelection([], [_workflowId]), Token);
        using var archive = new ZipArchive(new MemoryStream(exported.Value.Content));
        var entry = archive.Entries.Single(file => file.FullName.StartsWith("workflows/", StringComparison.Ordinal));
        using var reader = new StreamReader(entry.Open());
        var yaml = (await reader.ReadToEndAsync(Token)).Replace("outputKey: digest", "outputKey: summary", StringComparison.Ordinal);

        var imported = await exchange.ImportAsync(
            _world.Author.Actor,
            [new ImportFile(entry.FullName, System.Text.Encoding.UTF8.GetBytes(yaml))],
            ImportChoices.None,
            Token
        );

        imported.Value.Items.Should().ContainSingle().Which.Action.Should().Be(ImportAction.Change);
        (await PublishedAsync()).Should().Be(1);
        (await Workflows.PublishAsync(_world.Author.Actor, _workflowId, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        var id = await AskAsync();
        (await _world.ApproveAsync(_world.Author, id)).Problem!.Kind.Should().Be(ProblemKind.Forbidden, "they imported it");
        (await PublishedAsync()).Should().Be(1);
    }

    private async Task<string> AskAsync()
    {
        using var answer = await _world.TrySendAsync(_world.Requester, HttpMethod.Post, $"workflows/{_workflowId}/publish", null);
        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        return answer.Headers.Location!.ToString().Split('/')[^1];
    }

    private async Task EditAsync(string name)
    {
        using var client = shared.Host.CreateClient(_world.Author);
        var api = new RunApi(client);
        var workflow = await api.FindWorkflowAsync(_workflowId);
        await api.SendAsync(
            HttpMethod.Put,
            $"workflows/{_workflowId}",
            new
            {
                name,
                inputs = workflow["inputs"],
                steps = workflow["steps"],
            }
        );
    }

    private async Task<int?> PublishedAsync() =>
        (await Workflows.FindAsync(_world.Second.Actor, _workflowId, Token)).Value.Published?.Number;
}
