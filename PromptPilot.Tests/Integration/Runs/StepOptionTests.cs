using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Each option of a step, and how they work together.</summary>
public sealed class StepOptionTests
{
    private static readonly StepOptions Plain = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_IsFalse_SkipsTheStepAndWhatReadsIt_UnlessADefaultStandsIn()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("guarded", ["text"], Plain with { When = "text == 'go'" }),
            ("reader", ["guarded"], Plain),
            ("survivor", ["guarded | default: 'none'"], Plain),
            ("far", ["reader"], Plain)
        );

        var view = await host.EndOfAsync(await host.StartRunAsync(workflow, "stop"));

        view.Status.Should().Be(RunStatus.Succeeded);
        view.Steps.Select(step => step.Status)
            .Should()
            .Equal(StepStatus.Skipped, StepStatus.Skipped, StepStatus.Succeeded, StepStatus.Skipped);
        view.Outputs!.Keys.Should().Equal("survivor");
        view.Outputs["survivor"].GetString().Should().Be("[survivor: none]");
        view.Steps[0].Reason.Should().Contain("text == 'go'");
        view.Steps[1].Reason.Should().Contain("guarded");
        (await host.EndOfAsync(await host.StartRunAsync(workflow, "go")))
            .Steps.Should()
            .OnlyContain(step => step.Status == StepStatus.Succeeded);
    }

    [Fact]
    public async Task EveryStep_IsSkipped_RunSucceedsWithoutACall()
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model);
        var workflow = await host.AddWorkflowAsync(new WorkflowOptions(), ("one", ["text"], Plain with { When = "text == 'never'" }));

        var view = await host.EndOfAsync(await host.StartRunAsync(workflow));

        view.Status.Should().Be(RunStatus.Succeeded);
        model.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task ForEach_CallsOncePerItem_BoundedAndInOrder()
    {
        var model = new ScriptedModel().Say("list", """["a","b","c","d","e","f","g"]""").Hold("each");
        await using var host = await EngineHost.StartAsync(model);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("list", ["text"], Plain with { OutputFormat = OutputFormat.Json }),
            ("each", ["item", "index", "text"], Plain with { ForEach = "list", MaxParallelItems = 2 }),
            ("all", ["each | size"], Plain)
        );

        var runId = await host.StartRunAsync(workflow);
        await Eventually.HoldsAsync(() => model.Calls.Count(key => key == "each") == 2, "two items are called at the same time");
        model.Release("each");
        var view = await host.EndOfAsync(runId);

        view.Error.Should().BeNull();
        view.Outputs!["each"]
            .EnumerateArray()
            .Select(item => item.GetString())
            .Should()
            .Equal("abcdefg".Select((letter, index) => $"[each: {letter} {index} hello]"));
        view.Outputs["all"].GetString().Should().Be("[all: 7]");
        view.Steps[1].ItemCount.Should().Be(7);
        model.MostAtOnce.Should().Be(2);
        (await host.EventsOfAsync(view.Id))
            .Where(e => e.Type == RunEventType.AttemptStarted && e.ItemIndex is not null)
            .Select(e => e.ItemIndex)
            .Should()
            .BeInAscendingOrder();
    }

    [Fact]
    public async Task ForEach_OverAnEmptyList_GivesAnEmptyList()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel().Say("list", "[]"));
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("list", ["text"], Plain with { OutputFormat = OutputFormat.Json }),
            ("each", ["item"], Plain with { ForEach = "list" })
        );

        var view = await host.EndOfAsync(await host.StartRunAsync(workflow));

        view.Status.Should().Be(RunStatus.Succeeded);
        view.Outputs!["each"].GetRawText().Should().Be("[]");
    }

    [Fact]
    public async Task ForEach_OverWhatIsNoList_FailsThatStepWithWhatItGot()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var workflow = await host.AddWorkflowAsync(new WorkflowOptions(), ("each", ["item"], Plain with { ForEach = "text" }));

        var view = await host.EndOfAsync(await host.StartRunAsync(workflow));

        view.Error!.Code.Should().Be(ErrorCode.BadRequest);
        view.Error.Message.Should().Contain("but it is text").And.Contain("list");
    }

    [Fact]
    public async Task ForEach_WithAFailingItem_FailsTheStep_OrTakesTheDefaultOfThatItem()
    {
        var model = new ScriptedModel
        {
            FaultFor = request =>
                request.Prompt.Contains("each: b", StringComparison.Ordinal) ? new ModelFault(ErrorCode.ContentFiltered, "no") : null,
        };
        await using var host = await EngineHost.StartAsync(model);
        var list = Plain with { OutputFormat = OutputFormat.Json };
        var strict = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("list", ["text"], list),
            ("each", ["item"], Plain with { ForEach = "list" })
        );
        var lenient = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("list", ["text"], list),
            ("each", ["item"], Plain with { ForEach = "list", OnError = OnError.Default, DefaultOutput = AppJson.Text("?") })
        );
        model.Say("list", """["a","b","c"]""", """["a","b","c"]""");

        var failed = await host.EndOfAsync(await host.StartRunAsync(strict));
        var passed = await host.EndOfAsync(await host.StartRunAsync(lenient));

        failed.Status.Should().Be(RunStatus.Failed);
        failed.Error!.Message.Should().Contain("item 2");
        passed.Outputs!["each"].EnumerateArray().Select(item => item.GetString()).Should().Equal("[each: a]", "?", "[each: c]");
        passed.Steps[1].IsDefaulted.Should().BeTrue();
    }

    [Fact]
    public async Task FailedCall_ThatCanBeHelped_IsRepeatedUntilItSucceeds()
    {
        var model = new ScriptedModel().FaultOnce("one", ErrorCode.ProviderError, ErrorCode.Timeout);
        await using var host = await EngineHost.StartAsync(model);

        var view = await host.EndOfAsync(await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]))));

        view.Status.Should().Be(RunStatus.Succeeded);
        view.Steps[0]
            .Attempts.Select(a => (a.Attempt, a.Status, a.ErrorCode))
            .Should()
            .Equal(
                (1, ExecutionStatus.Error, ErrorCode.ProviderError),
                (2, ExecutionStatus.Timeout, ErrorCode.Timeout),
                (3, ExecutionStatus.Success, null)
            );
        view.Steps[0].Attempts[0].RetryAt.Should().NotBeNull();
    }

    [Fact]
    public async Task FailedCall_ThatNothingHelps_IsNotRepeated()
    {
        foreach (
            var code in new[]
            {
                ErrorCode.Auth,
                ErrorCode.BadRequest,
                ErrorCode.Quota,
                ErrorCode.ContentFiltered,
                ErrorCode.ContextTooLong,
                ErrorCode.Internal,
                ErrorCode.Budget,
            }
        )
        {
            var model = new ScriptedModel().Fault("one", code);
            await using var host = await EngineHost.StartAsync(model);

            var view = await host.EndOfAsync(await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]))));

            view.Error!.Code.Should().Be(code);
            model.Calls.Should().HaveCount(1, $"{code} is not repeated");
        }
    }

    [Fact]
    public async Task MaxAttempts_AreUsedUp_StepFailsOrGoesOnWithItsDefault()
    {
        var model = new ScriptedModel().Fault("one", ErrorCode.ProviderError);
        await using var host = await EngineHost.StartAsync(model);
        var strict = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("one", ["text"], Plain with { MaxAttempts = 2 }),
            ("two", ["one"], Plain)
        );
        var lenient = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("one", ["text"], Plain with { MaxAttempts = 2, OnError = OnError.Default, DefaultOutput = AppJson.Text("so be it") }),
            ("two", ["one"], Plain)
        );

        (await host.EndOfAsync(await host.StartRunAsync(strict))).Status.Should().Be(RunStatus.Failed);
        model.Calls.Count(key => key == "one").Should().Be(2);
        var passed = await host.EndOfAsync(await host.StartRunAsync(lenient));

        passed.Outputs!["two"].GetString().Should().Be("[two: so be it]");
        passed.Steps[0].Status.Should().Be(StepStatus.Succeeded);
        passed.Steps[0].IsDefaulted.Should().BeTrue();
    }

    [Fact]
    public async Task JsonOutput_ThatIsWrong_IsAskedForAgain_AndPathsOfItCanBeRead()
    {
        var model = new ScriptedModel().Say("ticket", "I think: {", """{"title":"Broken","tags":["a","b"]}""");
        await using var host = await EngineHost.StartAsync(model);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("ticket", ["text"], Plain with { OutputFormat = OutputFormat.Json }),
            ("two", ["ticket.title"], Plain)
        );

        var view = await host.EndOfAsync(await host.StartRunAsync(workflow));

        view.Steps[0].Attempts.Select(a => a.ErrorCode).Should().Equal(ErrorCode.InvalidOutput, null);
        view.Outputs!["ticket"].GetProperty("tags").GetArrayLength().Should().Be(2);
        view.Outputs["two"].GetString().Should().Be("[two: Broken]");
    }

    [Fact]
    public async Task RetryAfter_BeyondFiveSeconds_ParksTheRunAndFreesItsSlot()
    {
        var model = new ScriptedModel().FaultOnce("one", new ModelFault(ErrorCode.ProviderError, "busy", TimeSpan.FromSeconds(1)));
        await using var host = await EngineHost.StartAsync(model, slots: 1, parkAfterSeconds: 0.2);
        var workflow = await host.AddWorkflowAsync(("one", ["text"]));

        var first = await host.StartRunAsync(workflow);
        var second = await host.StartRunAsync(workflow);
        (await host.EndOfAsync(second)).Status.Should().Be(RunStatus.Succeeded);
        var waiting = (await host.Runs.FindAsync(host.Person, first, Cancellation)).Value;
        var view = await host.EndOfAsync(first);

        waiting.Status.Should().Be(RunStatus.Waiting);
        waiting.ResumeAt.Should().NotBeNull();
        view.Status.Should().Be(RunStatus.Succeeded);
        var events = await host.EventsOfAsync(first);
        events
            .Select(e => e.Type)
            .Should()
            .Equal(
                RunEventType.Queued,
                RunEventType.Claimed,
                RunEventType.AttemptStarted,
                RunEventType.AttemptEnded,
                RunEventType.Parked,
                RunEventType.Claimed,
                RunEventType.AttemptStarted,
                RunEventType.AttemptEnded,
                RunEventType.Finished
            );
        (events[6].At - events[3].At).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1), "Retry-After is kept");
    }

    [Fact]
    public async Task WorkflowTimeout_EndsTheCallInFlight_AndTheRunAsTimedOut()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions { TimeoutSeconds = 1 },
            ("one", ["text"], Plain),
            ("two", ["one"], Plain)
        );

        var view = await host.EndOfAsync(await host.StartRunAsync(workflow));

        view.Status.Should().Be(RunStatus.TimedOut);
        view.Error!.Code.Should().Be(ErrorCode.Timeout);
        view.Steps[0].Attempts.Single().Status.Should().Be(ExecutionStatus.Timeout);
        model.Aborted.Should().Be(1);
    }

    [Fact]
    public async Task MaxParallelSteps_OfOne_RunsOneAfterTheOther()
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions { MaxParallelSteps = 1 },
            ("a", ["text"], Plain),
            ("b", ["text"], Plain),
            ("c", ["text"], Plain)
        );

        (await host.EndOfAsync(await host.StartRunAsync(workflow))).Status.Should().Be(RunStatus.Succeeded);

        model.MostAtOnce.Should().Be(1);
    }

    [Fact]
    public async Task StepTimeoutAndParameters_GoToTheCall()
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model);
        var schema = JsonSerializer.SerializeToElement(new { type = "object" });
        model.Say("one", "{}");
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            (
                "one",
                ["text"],
                Plain with
                {
                    TimeoutSeconds = 7,
                    Parameters = new ParameterChanges(MaxTokens: 5),
                    OutputFormat = OutputFormat.Json,
                    JsonSchema = schema,
                }
            )
        );

        await host.EndOfAsync(await host.StartRunAsync(workflow));

        var request = model.Requests.Single();
        request.Timeout.Should().Be(TimeSpan.FromSeconds(7));
        request.Parameters!.MaxTokens.Should().Be(5);
        request.AsJson.Should().BeTrue();
        request.JsonSchema!.Value.GetProperty("type").GetString().Should().Be("object");
    }
}
