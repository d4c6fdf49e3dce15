using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Experiments;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Approvals;

/// <summary>A label whose protection names a test set: the experiment starts by itself, and decides with the approvals.</summary>
public sealed class GateExperimentTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private ApprovalWorld _world = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private string _profileId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _world = await ApprovalWorld.CreateAsync(shared.Host);
        _client = shared.Host.CreateAdminClient();
        _api = new RunApi(_client);
        _profileId = await _api.AddProfileAsync(_model.Endpoint, $"Fake {Guid.NewGuid():N}");
        _model.Script = call => FakeAnswer.Of(call.Prompt.StartsWith("Second", StringComparison.Ordinal) ? "On Friday." : "Some day.");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Request_StartsTheExperiment_AndItsOutcomeOpensTheGate()
    {
        var setId = await AddSetAsync("Friday");
        await _world.ProtectAsync(testSetId: setId, profileId: _profileId, minPass: 100);
        var id = await _world.AskAsync();
        var early = await _world.FindAsync(id);
        early.ExperimentId.Should().NotBeNull();

        var experiment = await EndOfAsync(id);
        experiment.GetProperty("variants")[1].GetProperty("comparison").GetProperty("better").GetInt32().Should().Be(2);
        (await _world.FindAsync(id)).Missing.Should().Equal("0 of 1 approvals.");
        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeTrue();
        (await _world.ProductionAsync()).Should().Be("1.1.0");
    }

    [Fact]
    public async Task Approval_WhileTheSetSaysNo_IsRefused()
    {
        var setId = await AddSetAsync("Some day");
        await _world.ProtectAsync(testSetId: setId, profileId: _profileId, minPass: 50);
        var id = await _world.AskAsync();
        await EndOfAsync(id);

        var refused = await _world.ApproveAsync(_world.Second, id);

        refused
            .Problem!.Message.Should()
            .Contain("0 of 2 calls passed; at least 50% must pass.")
            .And.Contain("2 cases are worse than with the current version");
        (await _world.FindAsync(id)).Approvals.Should().BeEmpty();
        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task Set_ThatIsWeakenedAfterwards_OpensNothing_UntilItIsRunAgain()
    {
        var setId = await AddSetAsync("Some day");
        await _world.ProtectAsync(testSetId: setId, profileId: _profileId, minPass: 100);
        await using (var old = await shared.Host.Contexts.CreateDbContextAsync(Token))
        {
            // As stored before numbers of cases were.
            await old.TestSetVersions.ExecuteUpdateAsync(set => set.SetProperty(version => version.CaseCount, 0), Token);
        }

        await _world.ProtectAsync(testSetId: setId, profileId: _profileId, minPass: 100);
        var id = await _world.AskAsync();
        await EndOfAsync(id);
        await _api.SendAsync(
            HttpMethod.Put,
            $"test-sets/{setId}",
            new { name = "Weaker", checks = new[] { new { kind = "contains", value = "day" } } }
        );
        var cases = (await _api.SendAsync(HttpMethod.Get, $"test-sets/{setId}", null)).GetProperty("cases");
        await _api.SendAsync(HttpMethod.Delete, $"test-sets/{setId}/cases/{cases[0].Text("id")}", null);
        await _api.SendAsync(HttpMethod.Post, $"test-sets/{setId}/cases", new { inputs = new { notes = "Easy" } });

        (await _world.ApproveAsync(_world.Second, id)).Problem!.Message.Should().Contain("has changed since the experiment");

        await _world.SendAsync(_world.Requester, HttpMethod.Post, $"change-requests/{id}/experiment", null);
        await EndOfAsync(id);
        string[] changes = ["1 case was removed.", "1 case was added.", "Check removed or changed: Contains “Some day”."];
        (await _world.FindAsync(id)).Protection!.SetChanges.Should().Equal(changes);
        var ofSet = await _world.Protections.ListOfSetAsync(_world.Collaborator.Actor, setId, Token);
        ofSet.Value.Should().ContainSingle().Which.SetChanges.Should().Equal(changes);
        await using (var db = await shared.Host.Contexts.CreateDbContextAsync(Token))
        {
            (await db.AuditEntries.AsNoTracking().Where(entry => entry.Kind == "protection").ToListAsync(Token))
                .SelectMany(entry => entry.Changes)
                .Where(change => change.Field == "Test set" && change.After!.StartsWith("Weaker", StringComparison.Ordinal))
                .Should()
                .HaveCount(3, "each change of the set is told at the protection that requires it");
        }

        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeTrue("the approver saw what the set is now");
        await _world.ProtectAsync(testSetId: setId, profileId: _profileId);
        (await _world.Protections.ListOfSetAsync(_world.Admin.Actor, setId, Token)).Value[0].SetChanges.Should().BeEmpty("it was set anew");
    }

    [Fact]
    public async Task Experiment_ThatIsDeletedOrOfAnotherSet_OpensNothing()
    {
        var setId = await AddSetAsync("Friday");
        await _world.ProtectAsync(testSetId: setId, profileId: _profileId);
        var id = await _world.AskAsync();
        await EndOfAsync(id);
        await _api.SendAsync(HttpMethod.Delete, $"experiments/{(await _world.FindAsync(id)).ExperimentId}", null);

        (await _world.ApproveAsync(_world.Second, id)).Problem!.Message.Should().Contain("No experiment");
        using var deleted = await _api.TrySendAsync(HttpMethod.Delete, $"test-sets/{setId}", null);
        ((int)deleted.StatusCode).Should().Be(409, "the protection names it");
    }

    [Fact]
    public async Task Protection_WithASetOfAnotherPrompt_IsRefused()
    {
        var other = await ApprovalWorld.CreateAsync(shared.Host);
        var setId = await AddSetAsync("Friday", other.PromptId);

        var refused = await _world.Protections.ProtectLabelAsync(
            _world.Admin.Actor,
            _world.PromptId,
            "production",
            new ProtectionContent(setId, "no such profile", 101, -1, 0),
            Token
        );

        refused
            .Problem!.Errors.Select(error => error.Field)
            .Should()
            .BeEquivalentTo("testSetId", "modelProfileId", "minPassPercent", "maxRegressions", "approvals");
    }

    private async Task<string> AddSetAsync(string wanted, string? promptId = null)
    {
        var set = await _api.SendAsync(
            HttpMethod.Post,
            "test-sets",
            new
            {
                promptId = promptId ?? _world.PromptId,
                name = $"Core {Guid.NewGuid():N}",
                checks = new[] { new { kind = "contains", value = wanted } },
            }
        );
        foreach (var notes in new[] { "One.", "Two." })
        {
            await _api.SendAsync(HttpMethod.Post, $"test-sets/{set.Text("id")}/cases", new { inputs = new { notes } });
        }

        return set.Text("id");
    }

    private async Task<System.Text.Json.JsonElement> EndOfAsync(string changeRequestId)
    {
        var experimentId = (await _world.FindAsync(changeRequestId)).ExperimentId!;
        System.Text.Json.JsonElement view = default;
        await Eventually.HoldsAsync(
            async () => (view = await _api.SendAsync(HttpMethod.Get, $"experiments/{experimentId}", null)).Text("status") != "running",
            "the experiment to end"
        );
        return view;
    }
}
