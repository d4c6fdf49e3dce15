using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Prompts;

public sealed class PlaygroundTests : IAsyncLifetime
{
    private PortalHost _portal = null!;
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private Actor _actor = null!;
    private string _profileId = "";
    private string _promptId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Setup:SampleWorkspace"] = "false" } }
        );
        _client = _portal.CreateAdminClient();
        var api = new RunApi(_client);
        _profileId = await api.AddProfileAsync(_model.Endpoint);
        _promptId = (
            await api.SendAsync(
                HttpMethod.Post,
                "prompts",
                new
                {
                    name = "Tried",
                    content = "Write {{ notes }}",
                    variableDefinitions = new[] { new { name = "notes", type = "text" } },
                }
            )
        ).Text("id");
        _actor = (await _portal.AddPersonAsync(Role.Collaborator)).Actor;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Call_Success_IsALogWithoutWorkflowAndStep()
    {
        var text = new LiveText();
        var log = (await CallAsync("ten parcels", text)).Value;

        log.Status.Should().Be(ExecutionStatus.Success);
        text.ToString().Should().Be(log.Output);
        _model.Calls.Should().ContainSingle().Which.Prompt.Should().Be("Write ten parcels");
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        var row = await db.ExecutionLogs.AsNoTracking().SingleAsync(Token);
        row.Should()
            .BeEquivalentTo(
                new
                {
                    log.Id,
                    RunId = (string?)null,
                    WorkflowId = (string?)null,
                    StepId = (string?)null,
                    PromptId = _promptId,
                    ModelProfileId = _profileId,
                    log.Cost,
                }
            );
        row.Input["notes"].GetString().Should().Be("ten parcels");
        row.Cost.Should().BePositive();
    }

    [Fact]
    public async Task Call_Failed_IsLoggedWithItsCode()
    {
        _model.Script = _ => FakeAnswer.Error(401, "Incorrect API key provided.");

        (await CallAsync("x")).Value.Should().BeEquivalentTo(new { Status = ExecutionStatus.Error, ErrorCode = ErrorCode.Auth });
        (await CountAsync()).Should().Be(1);
    }

    [Fact]
    public async Task Call_Cancelled_KeepsWhatHadArrived_AndWhatItCost()
    {
        _model.Script = _ => FakeAnswer.Of("A long answer that never ends") with { Gate = new TaskCompletionSource().Task, GateAfter = 3 };
        using var stop = new CancellationTokenSource();
        var text = new LiveText();
        var call = CallAsync("x", text, stop.Token);
        await Eventually.HoldsAsync(() => text.Length > 0, "the first token");
        await stop.CancelAsync();

        var log = (await call).Value;
        log.ErrorCode.Should().Be(ErrorCode.Cancelled);
        log.Output.Should().StartWith("A long");
        log.Cost.Should().BePositive();
        (await CountAsync()).Should().Be(1);
    }

    [Fact]
    public async Task Calls_BeyondTheProfilesBudget_AreNotMade_AndAreNotCountedForTheMinute()
    {
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            await db.ModelProfiles.ExecuteUpdateAsync(
                set => set.SetProperty(profile => profile.Budgets.Day, 1).SetProperty(profile => profile.Limits.RequestsPerMinute, 1),
                Token
            );
        }

        _portal.Get<ModelProfiles>().Drop(_profileId);
        for (var i = 0; i < 3; i++)
        {
            (await CallAsync("x")).Value.ErrorCode.Should().Be(ErrorCode.Budget);
        }

        _model.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Call_WithoutAValue_OrWithAnotherType_IsRefusedAtTheVariable()
    {
        var playground = _portal.Get<PlaygroundService>();
        var none = await playground.CallAsync(
            _actor,
            new PlaygroundCall(_promptId, "1.0.0", _profileId, new Dictionary<string, JsonElement>()),
            new LiveText(),
            Token
        );
        none.Problem!.Errors.Should().ContainSingle(error => error.Field == "values.notes");
        var wrong = await playground.CallAsync(
            _actor,
            new PlaygroundCall(
                _promptId,
                "1.0.0",
                _profileId,
                new Dictionary<string, JsonElement> { ["notes"] = JsonSerializer.SerializeToElement(5) }
            ),
            new LiveText(),
            Token
        );
        wrong.Problem!.Errors.Should().ContainSingle(error => error.Field == "values.notes");
        (await CountAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Example_IsKept_NotOverwritten_AndDeletedByWhoSavedIt()
    {
        var examples = _portal.Get<ExampleService>();
        var values = new Dictionary<string, JsonElement> { ["notes"] = AppJson.Text("ten parcels") };
        var saved = (await examples.SaveAsync(_actor, _promptId, " Parcels ", values, Token)).Value;

        (await examples.SaveAsync(_actor, _promptId, "Parcels", values, Token))
            .Problem!.Errors.Should()
            .ContainSingle(error => error.Field == "name");
        (await examples.ListAsync(_actor, _promptId, Token))
            .Value.Should()
            .ContainSingle()
            .Which.Values["notes"]
            .GetString()
            .Should()
            .Be("ten parcels");
        var other = (await _portal.AddPersonAsync(Role.Collaborator)).Actor;
        var cases = _portal.Get<TestCaseService>();
        (await cases.DeleteAsync(other, saved.TestSetId, saved.Id, Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        var set = (await _portal.Get<TestSetService>().FindAsync(other, saved.TestSetId, Token)).Value;
        set.Should().Match<TestSetView>(view => view.Name == "Examples" && view.PromptId == _promptId && view.Checks.Count == 0);
        set.Cases.Should().ContainSingle().Which.Origin.Should().Be(CaseOrigin.Example);
        (await cases.DeleteAsync(_actor, saved.TestSetId, saved.Id, Token)).IsOk.Should().BeTrue();
        (await examples.ListAsync(_actor, _promptId, Token)).Value.Should().BeEmpty();
    }

    private Task<Result<ExecutionLog>> CallAsync(string notes, LiveText? text = null, CancellationToken? stop = null) =>
        _portal
            .Get<PlaygroundService>()
            .CallAsync(
                _actor,
                new PlaygroundCall(_promptId, "1.0.0", _profileId, new Dictionary<string, JsonElement> { ["notes"] = AppJson.Text(notes) }),
                text ?? new LiveText(),
                stop ?? Token
            );

    private async Task<int> CountAsync()
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        return await db.ExecutionLogs.CountAsync(Token);
    }
}
