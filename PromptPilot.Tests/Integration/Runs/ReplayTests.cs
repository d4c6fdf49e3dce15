using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Retry and fork: what is kept is referred to, what is changed runs anew.</summary>
public sealed class ReplayTests
{
    private static readonly StepOptions Plain = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retry_OfAFailedRun_RunsOnlyWhatFailed_AndRefersToTheRest()
    {
        var model = new ScriptedModel().FaultOnce("three", ErrorCode.Auth);
        await using var host = await EngineHost.StartAsync(model);
        var failed = await host.EndOfAsync(
            await host.StartRunAsync(
                await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]), ("three", ["two"]), ("four", ["three"]))
            )
        );
        failed.Status.Should().Be(RunStatus.Failed);
        model.Calls.Clear();

        var retried = await host.EndOfAsync((await host.Replays.RetryAsync(host.Person, failed.Id, Cancellation)).Value.Id);

        retried.Status.Should().Be(RunStatus.Succeeded);
        retried.ParentRunId.Should().Be(failed.Id);
        model.Calls.Should().Equal("three", "four");
        retried.Outputs!["four"].GetString().Should().Be("[four: [three: [two: [one: hello]]]]");
        retried.Steps[0].IsReused.Should().BeTrue();
        retried.Steps[0].Attempts.Single().LogId.Should().Be(failed.Steps[0].Attempts.Single().LogId);
        retried.InputTokens.Should().Be(6, "what is reused costs nothing");
        await using var db = host.Db();
        db.ExecutionLogs.Count(log => log.RunId == retried.Id).Should().Be(2);
        var stored = (await host.Runs.FindAsync(host.Person, retried.Id, Cancellation)).Value;
        stored.Steps.Select(step => step.Output()).Should().Equal(retried.Steps.Select(step => step.Output()));
    }

    [Fact]
    public async Task Retry_OfAFanOut_KeepsTheItemsThatSucceeded()
    {
        var isBroken = true;
        var model = new ScriptedModel
        {
            FaultFor = request =>
                isBroken && request.Prompt.Contains("each: b", StringComparison.Ordinal) ? new ModelFault(ErrorCode.Auth, "no") : null,
        };
        model.Say("list", """["a","b","c"]""");
        await using var host = await EngineHost.StartAsync(model);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("list", ["text"], Plain with { OutputFormat = OutputFormat.Json }),
            ("each", ["item"], Plain with { ForEach = "list", MaxParallelItems = 3 })
        );
        var failed = await host.EndOfAsync(await host.StartRunAsync(workflow));
        failed.Status.Should().Be(RunStatus.Failed);
        var done = failed.Steps[1].Attempts.Count(attempt => attempt.Status == ExecutionStatus.Success);
        isBroken = false;
        model.Calls.Clear();

        var retried = await host.EndOfAsync((await host.Replays.RetryAsync(host.Person, failed.Id, Cancellation)).Value.Id);

        retried.Error.Should().BeNull();
        retried.Outputs!["each"].EnumerateArray().Select(item => item.GetString()).Should().Equal("[each: a]", "[each: b]", "[each: c]");
        model.Calls.Should().HaveCount(3 - done).And.OnlyContain(key => key == "each");
    }

    [Fact]
    public async Task Retry_OfWhatHasNotFailed_IsRefused()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"])));
        await model.Reached("one");

        (await host.Replays.RetryAsync(host.Person, runId, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        model.Release("one");
        await host.EndOfAsync(runId);
        (await host.Replays.RetryAsync(host.Person, runId, Cancellation)).Problem!.Message.Should().Contain("succeeded");
        (await host.Replays.RetryAsync(host.Person, "nonsense", Cancellation)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Fork_WithAnotherValue_KeepsWhatDoesNotDependOnTheStep()
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model);
        var run = await host.EndOfAsync(
            await host.StartRunAsync(
                await host.AddWorkflowAsync(("top", ["text"]), ("left", ["top"]), ("right", ["top"]), ("bottom", ["left", "right"]))
            )
        );
        model.Calls.Clear();

        var fork = await host.Replays.ForkAsync(
            host.Person,
            run.Id,
            new ForkRequest(
                run.Steps[1].StepId,
                Values: new Dictionary<string, JsonElement> { ["top"] = AppJson.Text("other") },
                Parameters: new ParameterChanges(MaxTokens: 9)
            ),
            Cancellation
        );
        var view = await host.EndOfAsync(fork.Value.Id);

        view.Outputs!["bottom"].GetString().Should().Be("[bottom: [left: other] [right: [top: hello]]]");
        view.ParentRunId.Should().Be(run.Id);
        model.Calls.Should().Equal("left", "bottom");
        model.Requests.Last(request => request.FunctionName == "left").Parameters!.MaxTokens.Should().Be(9);
        view.Steps.Select(step => step.IsReused).Should().Equal(true, false, true, false);
    }

    [Fact]
    public async Task Fork_WithOtherInputs_SeesThemFromTheStepOn()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var run = await host.EndOfAsync(await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one", "text"]))));

        var fork = await host.Replays.ForkAsync(
            host.Person,
            run.Id,
            new ForkRequest(run.Steps[1].StepId, Inputs: new Dictionary<string, JsonElement> { ["text"] = AppJson.Text("new") }),
            Cancellation
        );

        (await host.EndOfAsync(fork.Value.Id)).Outputs!["two"].GetString().Should().Be("[two: [one: hello] new]");
    }

    [Fact]
    public async Task Fork_WithNonsense_NamesTheFields()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var run = await host.EndOfAsync(await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]))));
        async Task<IEnumerable<string>> FieldsAsync(ForkRequest request) =>
            (await host.Replays.ForkAsync(host.Person, run.Id, request, Cancellation)).Problem!.Errors.Select(error => error.Field);

        (await FieldsAsync(new ForkRequest("nonsense"))).Should().Equal("stepId");
        (
            await FieldsAsync(
                new ForkRequest(
                    run.Steps[0].StepId,
                    "9.9.9",
                    "nobody",
                    new ParameterChanges(Temperature: 3),
                    new Dictionary<string, JsonElement> { ["unknown"] = AppJson.Text("x") }
                )
            )
        )
            .Should()
            .Equal("promptVersion", "model", "parameters.temperature", "values.unknown");
        (
            await FieldsAsync(
                new ForkRequest(run.Steps[0].StepId, Inputs: new Dictionary<string, JsonElement> { ["nothing"] = AppJson.Text("x") })
            )
        )
            .Should()
            .Equal("inputs.nothing");
    }

    [Fact]
    public async Task Retry_OfARun_KeepsWhatAPersonEditedAndApproved()
    {
        var model = new ScriptedModel().FaultOnce("send", ErrorCode.Auth);
        await using var host = await EngineHost.StartAsync(model);
        var reviewed = Plain with { Review = new ReviewOptions() };
        var runId = await host.StartRunAsync(
            await host.AddWorkflowAsync(new WorkflowOptions(), ("draft", ["text"], reviewed), ("send", ["draft"], Plain))
        );
        var waiting = await ReviewTests.WaitingAsync(host, runId);
        await host.Reviews.AnswerAsync(
            host.Person,
            runId,
            waiting.Steps[0].StepId,
            new ReviewAnswer(ReviewVerdict.Edit, AppJson.Text("edited")),
            Cancellation
        );
        (await host.EndOfAsync(runId)).Status.Should().Be(RunStatus.Failed);

        var retried = await host.EndOfAsync((await host.Replays.RetryAsync(host.Person, runId, Cancellation)).Value.Id);

        retried.Outputs!["send"].GetString().Should().Be("[send: edited]");
        retried.Steps[0].Attempts.Single().Log!.Output.Should().Be("[draft: hello]");
    }
}
