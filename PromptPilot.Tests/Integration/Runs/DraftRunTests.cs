using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Drafts;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// Trying a draft, whole or one step of it: it runs as it stands in the editor, and changes nothing that others see of the workflow.
/// </summary>
public sealed class DraftRunTests : IAsyncLifetime
{
    private readonly ScriptedModel _model = new();
    private EngineHost _host = null!;
    private string _workflowId = "";
    private WorkflowContent _content = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_model);
        _workflowId = await _host.AddWorkflowAsync(("facts", ["text"]), ("mood", ["text"]), ("digest", ["facts", "mood"]));
        await using var db = _host.Db();
        var definition = (await db.WorkflowVersions.AsNoTracking().SingleAsync(v => v.WorkflowId == _workflowId, Cancellation)).Definition;
        _content = new WorkflowContent(
            "Tried",
            [],
            definition.Inputs,
            [.. definition.Steps.Select(s => new StepContent(null, s.PromptId, null, null, s.Model, s.InputMapping, s.OutputKey, s.Order))]
        );
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Start_OfAnUnsavedDraft_RunsIt_AndIsMarked()
    {
        var run = await RunAsync(
            Request() with
            {
                Content = With(
                    2,
                    step =>
                        step with
                        {
                            InputMapping = new Dictionary<string, string> { ["facts"] = "facts | upcase", ["mood"] = "mood" },
                        }
                ),
            }
        );

        run.Status.Should().Be(RunStatus.Succeeded);
        run.IsDraft.Should().BeTrue();
        run.WorkflowVersion.Should().BeNull();
        run.OnlyStep.Should().BeNull();
        run.Outputs!["digest"].GetString().Should().Be("[digest: [FACTS: HELLO] [mood: hello]]");
        var listed = (
            await _host.Runs.ListAsync(_host.Person, new RunFilter(IsDraft: true), new PageRequest(), Cancellation)
        ).Value.Items.Single();
        listed.Should().Match<RunListItem>(item => item.Id == run.Id && item.IsDraft && item.WorkflowName == "Tried");
        (await _host.Runs.ListAsync(_host.Person, new RunFilter(IsDraft: false), new PageRequest(), Cancellation))
            .Value.Items.Should()
            .BeEmpty();
    }

    [Fact]
    public async Task Start_OfOneStep_CallsOnlyThat_WithWhatWasTyped()
    {
        var run = await RunAsync(Request(("facts", "Typed facts"), ("mood", "good")) with { StepIndex = 2 });

        run.Status.Should().Be(RunStatus.Succeeded);
        run.OnlyStep.Should().Be("digest");
        _model.Calls.Should().Equal("digest");
        run.Outputs!["digest"].GetString().Should().Be("[digest: Typed facts good]");
    }

    [Fact]
    public async Task Start_OfOneStep_AlthoughAnotherIsBroken_Runs()
    {
        var broken = With(1, step => step with { Model = "" });

        (await StartAsync(Request() with { Content = broken }))
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Field.Should()
            .Be("steps[1].model");
        (await RunAsync(Request(("facts", "a"), ("mood", "b")) with { Content = broken, StepIndex = 2 }))
            .Status.Should()
            .Be(RunStatus.Succeeded);
    }

    [Theory]
    [InlineData("factz", "There is no key “factz” here")]
    [InlineData("facts | | upcase", "A value is expected here.")]
    [InlineData("digest", "is the output of this step")]
    public async Task Start_OfOneStep_WithABadExpression_IsRefused_AtItsPlaceInTheDraft(string expression, string said)
    {
        var refused = await StartAsync(
            Request() with
            {
                Content = With(
                    2,
                    step =>
                        step with
                        {
                            InputMapping = new Dictionary<string, string> { ["facts"] = expression, ["mood"] = "'x'" },
                        }
                ),
                StepIndex = 2,
            }
        );

        var error = refused.Problem!.Errors.Should().ContainSingle().Subject;
        error.Field.Should().Be("steps[2].inputMapping.facts");
        error.Message.Should().ContainEquivalentOf(said);
        (await CountAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Start_WithWhatATriggerSends_ReadsIt()
    {
        var request = Request() with
        {
            Content = With(0, step => step with { InputMapping = new Dictionary<string, string> { ["text"] = "trigger.payload.title" } }),
            Trigger = JsonSerializer.SerializeToElement(new { payload = new { title = "From a hook" } }),
        };

        (await RunAsync(request)).Outputs!["facts"].GetString().Should().Be("[facts: From a hook]");
        (await StartAsync(request with { Trigger = JsonSerializer.SerializeToElement("text") }))
            .Problem!.Errors.Single()
            .Field.Should()
            .Be("trigger");
    }

    [Fact]
    public async Task Start_WithMissingInputs_IsRefusedAtThem()
    {
        (await StartAsync(Request() with { Inputs = new Dictionary<string, JsonElement>() }))
            .Problem!.Errors.Single()
            .Field.Should()
            .Be("inputs.text");
        (await StartAsync(Request() with { StepIndex = 2 }))
            .Problem!.Errors.Select(error => error.Field)
            .Should()
            .Equal("inputs.facts", "inputs.mood", "inputs.text");
        (await StartAsync(Request() with { StepIndex = 9 })).Problem!.Errors.Single().Field.Should().Be("stepIndex");
        (await StartAsync(Request() with { WorkflowId = "missing" })).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Start_OfAnArchivedWorkflow_IsAConflict()
    {
        await using var db = _host.Db();
        await db.Workflows.ExecuteUpdateAsync(set => set.SetProperty(w => w.Status, WorkflowStatus.Archived), Cancellation);

        (await StartAsync(Request())).Problem!.Kind.Should().Be(ProblemKind.Conflict);
    }

    [Fact]
    public async Task Start_WithAStepIdOfAnotherWorkflow_GivesItAnew()
    {
        await _host.AddWorkflowAsync(("other", ["text"]));

        var run = await RunAsync(Request() with { Content = With(0, step => step with { Id = "not-of-this-workflow" }) });

        run.Steps.Select(step => step.StepId).Should().NotContain("not-of-this-workflow").And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Retry_OfADraftRun_IsADraftToo()
    {
        _model.FaultOnce("mood", ErrorCode.Auth);
        var failed = await RunAsync(Request());
        failed.Status.Should().Be(RunStatus.Failed);

        var retried = await _host.EndOfAsync((await _host.Replays.RetryAsync(_host.Author, failed.Id, Cancellation)).Value.Id);

        retried
            .Should()
            .Match<Core.Runs.State.RunState>(run => run.Status == RunStatus.Succeeded && run.IsDraft && run.WorkflowVersion == null);
    }

    [Fact]
    public async Task DraftRuns_ChangeNoStatistics_ButAreSamplesInTheDesigner()
    {
        await _host.EndOfAsync(await _host.StartRunAsync(_workflowId));
        var before = await StatisticsAsync();
        _model.Fault("mood", ErrorCode.Auth);
        (await RunAsync(Request())).Status.Should().Be(RunStatus.Failed);
        await RunAsync(Request(("facts", "a"), ("mood", "b")) with { StepIndex = 2 });
        await RunAsync(Request(("text", "Tried text")) with { StepIndex = 0 });

        (await StatisticsAsync()).Should().Be(before);
        var samples = await _host.Get<LastRunService>().FindAsync(_host.Author, _workflowId, Cancellation);
        samples.Value.ValueOf("text")!.Value.GetString().Should().Be("hello", "a step alone is no sample of the whole");
        samples.Value.Figures.Should().HaveCount(3, "each step says what it took").And.OnlyContain(step => step.Value.Milliseconds >= 0);
    }

    [Fact]
    public async Task Retention_CountsDraftRunsApart()
    {
        var real = await _host.EndOfAsync(await _host.StartRunAsync(_workflowId));
        for (var i = 0; i < 3; i++)
        {
            await RunAsync(Request());
        }

        await using var db = _host.Db();
        var overdue = await OverdueRuns.OfAsync(db, _workflowId, new RetentionRule(null, 1), DateTime.UtcNow, Cancellation);
        var gone = new List<string>();
        foreach (var query in overdue)
        {
            gone.AddRange(await query.Select(run => run.Id).ToListAsync(Cancellation));
        }

        gone.Should().HaveCount(2).And.NotContain(real.Id);
    }

    private async Task<(
        string? LastRun,
        int Ended,
        int Succeeded,
        int HomeRuns,
        int HomeEnded,
        int HomeSucceeded,
        int OwnRuns
    )> StatisticsAsync()
    {
        var row = (
            await _host.Get<WorkflowService>().ListAsync(_host.Author, new WorkflowFilter(), new PageRequest(), Cancellation)
        ).Value.Items.Single();
        var overview = (await _host.Get<HomeService>().FindAsync(_host.Author, 5, Cancellation)).Value;
        var (home, used) = (overview.Figures[0], overview.Workflows.Single());
        return (row.LastRun?.Id, row.Ended, row.Succeeded, home.Runs, home.Ended, home.Succeeded, used.OwnRuns);
    }

    [Fact]
    public async Task Start_FromAStep_KeepsWhatDoesNotDependOnIt()
    {
        var first = await RunAsync(Request());
        _model.Calls.Clear();

        var again = await RunAsync(Request() with { Inputs = NoInputs, From = new DraftFrom(first.Id, 1) });

        _model.Calls.Should().BeEquivalentTo("mood", "digest");
        again.Should().Match<RunState>(run => run.IsDraft && run.ParentRunId == first.Id && run.Status == RunStatus.Succeeded);
        again.Steps.Select(step => step.IsReused).Should().Equal(true, false, false);
        again.Outputs!["digest"].GetString().Should().Be(first.Outputs!["digest"].GetString(), "inputs are those of the earlier run");
        again.Steps.Select(step => step.StepId).Should().Equal(first.Steps.Select(step => step.StepId));
    }

    [Fact]
    public async Task Start_FromAStep_RunsAgainWhatWasEditedSince_AndWhatReadsIt()
    {
        var first = await RunAsync(Request());
        _model.Calls.Clear();
        var edited = With(0, step => step with { InputMapping = new Dictionary<string, string> { ["text"] = "text | upcase" } });

        var again = await RunAsync(Request() with { Content = edited, From = new DraftFrom(first.Id, 2) });

        _model.Calls.Should().BeEquivalentTo("facts", "digest");
        again.Outputs!["digest"].GetString().Should().Be("[digest: [facts: HELLO] [mood: hello]]");
        again.Steps.Select(step => step.IsReused).Should().Equal(false, true, false);
    }

    [Fact]
    public async Task Start_FromAStep_RunsAgainWhatFailed()
    {
        _model.FaultOnce("mood", ErrorCode.Auth);
        var failed = await RunAsync(Request());
        failed.Status.Should().Be(RunStatus.Failed);
        _model.Calls.Clear();

        var again = await RunAsync(Request() with { From = new DraftFrom(failed.Id, 2) });

        _model.Calls.Should().BeEquivalentTo("mood", "digest");
        again.Status.Should().Be(RunStatus.Succeeded);
    }

    [Fact]
    public async Task Start_FromAStep_OfAPublishedRun_KeepsItsResults_AndOfAnotherWorkflowNothing()
    {
        var published = await _host.EndOfAsync(await _host.StartRunAsync(_workflowId));
        var other = await _host.AddWorkflowAsync(("other", ["text"]));
        var theirs = await _host.EndOfAsync(await _host.StartRunAsync(other));
        _model.Calls.Clear();

        await RunAsync(Request() with { From = new DraftFrom(published.Id, 2) });

        _model.Calls.Should().Equal("digest");
        (await StartAsync(Request() with { From = new DraftFrom(theirs.Id, 2) })).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        (await StartAsync(Request() with { From = new DraftFrom(published.Id, 3) }))
            .Problem!.Errors.Single()
            .Field.Should()
            .Be("stepIndex");
    }

    [Fact]
    public async Task RunAgain_ByWhoMayNotEditDrafts_IsRefused()
    {
        var run = await RunAsync(Request());

        (await _host.Replays.RetryAsync(_host.Person, run.Id, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        (await _host.Replays.ForkAsync(_host.Person, run.Id, new ForkRequest(run.Steps[0].StepId), Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Forbidden);
        (await _host.Replays.RetryAsync(_host.Author, run.Id, Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Conflict, "it succeeded");
    }

    [Fact]
    public async Task PromptOfATry_CannotBeDeleted_WhileTheRunIsKept()
    {
        var prompts = _host.Get<PromptService>();
        var prompt = (
            await prompts.CreateAsync(_host.Author, new PromptDraft { Name = "Only tried", Content = "tried: {{ text }}" }, Cancellation)
        ).Value;
        var run = await RunAsync(
            Request(("text", "a")) with
            {
                Content = _content with
                {
                    Steps =
                    [
                        _content.Steps[0] with
                        {
                            PromptId = prompt.Id,
                            OutputKey = "tried",
                            InputMapping = new Dictionary<string, string> { ["text"] = "text" },
                        },
                    ],
                },
            }
        );

        (await prompts.DeleteAsync(_host.Author, prompt.Id, null, Cancellation))
            .Problem!.Message.Should()
            .Contain("in test runs of a draft");
        (await _host.Runs.FindAsync(_host.Author, run.Id, Cancellation))
            .Value.Steps.Should()
            .ContainSingle()
            .Which.PromptName.Should()
            .Be("Only tried");
        (await _host.Runs.DeleteAsync(_host.Author, run.Id, Cancellation)).Problem.Should().BeNull();
        (await prompts.DeleteAsync(_host.Author, prompt.Id, null, Cancellation)).Problem.Should().BeNull();
    }

    private static Dictionary<string, JsonElement> NoInputs => [];

    private DraftRunRequest Request(params (string Name, string Text)[] inputs) =>
        new(
            _workflowId,
            _content,
            (inputs.Length == 0 ? [("text", "hello")] : inputs).ToDictionary(input => input.Item1, input => AppJson.Text(input.Item2))
        );

    private WorkflowContent With(int index, Func<StepContent, StepContent> change) =>
        _content with
        {
            Steps = [.. _content.Steps.Select((step, i) => i == index ? change(step) : step)],
        };

    private Task<Result<StartedRun>> StartAsync(DraftRunRequest request) =>
        _host.Get<DraftRunService>().StartAsync(_host.Author, request, Cancellation);

    private async Task<Core.Runs.State.RunState> RunAsync(DraftRunRequest request)
    {
        var started = await StartAsync(request);
        started.Problem.Should().BeNull();
        return await _host.EndOfAsync(started.Value.Id);
    }

    private async Task<int> CountAsync()
    {
        await using var db = _host.Db();
        return await db.WorkflowRuns.CountAsync(Cancellation);
    }
}
