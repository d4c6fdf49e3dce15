using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Tests.Integration.Runs;

public sealed class EngineTests
{
    private static readonly (string, string[])[] Chain = [("one", ["text"]), ("two", ["one"]), ("three", ["two"])];
    private static readonly (string, string[])[] Diamond =
    [
        ("top", ["text"]),
        ("left", ["top"]),
        ("right", ["top"]),
        ("bottom", ["left", "right"]),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chain_OfThreeSteps_SucceedsInFourCommits()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(Chain));

        var view = await host.EndOfAsync(runId);

        view.Status.Should().Be(RunStatus.Succeeded);
        view.Outputs!["three"].GetString().Should().Be("[three: [two: [one: hello]]]");
        view.InputTokens.Should().Be(9);
        view.OutputTokens.Should().Be(6);
        view.Cost.Should().Be(45);
        var events = await host.EventsOfAsync(runId);
        events
            .Select(e => e.Type)
            .Should()
            .Equal(
                RunEventType.Queued,
                RunEventType.Claimed,
                RunEventType.AttemptStarted,
                RunEventType.AttemptEnded,
                RunEventType.AttemptStarted,
                RunEventType.AttemptEnded,
                RunEventType.AttemptStarted,
                RunEventType.AttemptEnded,
                RunEventType.Finished
            );
        events.Select(e => e.Seq).Should().Equal(Enumerable.Range(1, 9));
    }

    [Fact]
    public async Task Run_ReadBackFromTheDatabase_EqualsWhatWasSeenLive()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var workflow = await host.AddWorkflowAsync(Diamond);
        var runId = await host.StartRunAsync(workflow);
        using var watch = (await host.Runs.WatchAsync(host.Person, runId, Cancellation)).Value;
        while (await watch.NextAsync(Cancellation)) { }

        var stored = (await host.Runs.FindAsync(host.Person, runId, Cancellation)).Value;

        stored
            .Should()
            .BeEquivalentTo(
                watch.State,
                options =>
                    options
                        .ComparingByMembers<System.Text.Json.JsonElement>()
                        .Using<System.Text.Json.JsonElement>(c => c.Subject.GetRawText().Should().Be(c.Expectation.GetRawText()))
                        .WhenTypeIs<System.Text.Json.JsonElement>()
            );
    }

    [Fact]
    public async Task Steps_ThatDoNotReadEachOther_RunAtTheSameTime()
    {
        var model = new ScriptedModel().Hold("left").Hold("right");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(Diamond));

        await model.Reached("left");
        await model.Reached("right");
        model.Calls.Should().NotContain("bottom");
        model.Release("left");
        model.Release("right");

        (await host.EndOfAsync(runId)).Outputs!["bottom"].GetString().Should().Be("[bottom: [left: [top: hello]] [right: [top: hello]]]");
    }

    [Fact]
    public async Task FailedStep_LetsParallelStepEnd_AndStartsNothingNew()
    {
        var model = new ScriptedModel().Hold("right").Fault("left", ErrorCode.Auth);
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(Diamond));
        await model.Reached("left");
        await model.Reached("right");
        model.Release("right");

        var view = await host.EndOfAsync(runId);

        view.Status.Should().Be(RunStatus.Failed);
        view.Error!.Code.Should().Be(ErrorCode.Auth);
        view.Error.Message.Should().Contain("left");
        view.Steps.Select(s => s.Status)
            .Should()
            .Equal(StepStatus.Succeeded, StepStatus.Failed, StepStatus.Succeeded, StepStatus.Cancelled);
        model.Calls.Should().NotContain("bottom");
    }

    [Fact]
    public async Task Cancel_InMidStream_AbortsTheCallAndKeepsWhatArrived()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(Chain));
        await model.Reached("one");

        (await host.Runs.CancelAsync(host.Person, runId, Cancellation)).Problem.Should().BeNull();

        var view = await host.EndOfAsync(runId);
        view.Status.Should().Be(RunStatus.Cancelled);
        model.Aborted.Should().Be(1);
        view.Steps[0].Attempts[0].Text.Should().Be("[one: hello");
        view.Steps[0].Attempts[0].ErrorCode.Should().Be(ErrorCode.Cancelled);
        (await host.EventsOfAsync(runId)).Single(e => e.Type == RunEventType.CancelRequested).Payload!.By.Should().Be("person");
        (await host.Runs.CancelAsync(host.Person, runId, Cancellation)).Problem!.Message.Should().Contain("already ended");
    }

    [Fact]
    public async Task QueuedRun_WithoutFreeSlot_WaitsThenRuns_AndCanBeCancelledBefore()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model, slots: 1);
        var workflow = await host.AddWorkflowAsync(Chain);
        var first = await host.StartRunAsync(workflow);
        await model.Reached("one");
        var second = await host.StartRunAsync(workflow);
        var third = await host.StartRunAsync(workflow);

        (await host.Runs.FindAsync(host.Person, second, Cancellation)).Value.Status.Should().Be(RunStatus.Queued);
        (await host.Runs.CancelAsync(host.Person, third, Cancellation)).Problem.Should().BeNull();
        (await host.EndOfAsync(third)).Status.Should().Be(RunStatus.Cancelled);
        model.Release("one");

        (await host.EndOfAsync(first)).Status.Should().Be(RunStatus.Succeeded);
        (await host.EndOfAsync(second)).Status.Should().Be(RunStatus.Succeeded);
        model.Calls.Count(c => c == "one").Should().Be(2);
    }

    [Fact]
    public async Task Stop_InMidStream_ResumesAtTheNextStart_WithoutRepeatingWhatSucceeded()
    {
        var model = new ScriptedModel().Hold("two");
        var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(Chain));
        await model.Reached("two");
        await host.StopAsync();
        model.Release("two");

        await using (host)
        await using (var next = await EngineHost.StartAsync(model, host.Path))
        {
            var view = await next.EndOfAsync(runId);

            view.Status.Should().Be(RunStatus.Succeeded);
            model.Calls.Should().Equal("one", "two", "two", "three");
            view.Steps[1].Attempts.Select(a => a.ErrorCode).Should().Equal(ErrorCode.Interrupted, null);
        }
    }

    [Fact]
    public async Task Start_UnderAUsedIdempotencyKey_GivesTheSameRunOrIsRefused()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var workflow = await host.AddWorkflowAsync(Chain);
        var request = new StartRunRequest(
            workflow,
            new Dictionary<string, System.Text.Json.JsonElement> { ["text"] = Core.Shared.AppJson.Text("x") },
            "key",
            "hash"
        );

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Runs.StartAsync(host.Person, request, Cancellation)));

        answers.Select(a => a.Value.Id).Distinct().Should().ContainSingle();
        answers.Count(a => !a.Value.Repeated).Should().Be(1);
        var other = await host.Runs.StartAsync(host.Person, request with { BodyHash = "other" }, Cancellation);
        other.Problem!.Kind.Should().Be(Core.Shared.ProblemKind.KeyReused);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000, Traits = ["Category", "Soak"])]
    public async Task ManyRuns_AtOnce_AllSucceedExactlyOnce(int count)
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model, slots: 50);
        var workflow = await host.AddWorkflowAsync(Chain);

        var ids = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => host.StartRunAsync(workflow)));
        await Task.WhenAll(ids.Select(host.EndOfAsync));

        await using var db = host.Db();
        (await db.WorkflowRuns.CountAsync(r => r.Status == RunStatus.Succeeded, Cancellation)).Should().Be(count);
        (await db.ExecutionLogs.CountAsync(Cancellation)).Should().Be(3 * count);
        model.Calls.Should().HaveCount(3 * count);
    }

    [Fact]
    public async Task Watch_OfSlowViewer_MissesNothing()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(Chain));
        await model.Reached("one");
        using var watch = (await host.Runs.WatchAsync(host.Person, runId, Cancellation)).Value;
        var step = watch.State.Steps[0].StepId;

        watch.Snapshot().Steps[0].Attempts[0].Text.Should().Be("[one: hello");
        watch.TextOf(step, null, 1)!.Slice(6).Should().Be("hello");
        model.Release("one");
        await host.EndOfAsync(runId);

        (await watch.NextAsync(Cancellation)).Should().BeTrue();
        watch.State.Status.Should().Be(RunStatus.Succeeded);
        (await watch.NextAsync(Cancellation)).Should().BeFalse();
        watch.TextOf(step, null, 1)!.ToString().Should().Be("[one: hello]");
    }

    [Theory]
    [InlineData("a\0b", "a\ufffdb")]
    [InlineData("👩‍🚀 مرحبا שלום", "👩‍🚀 مرحبا שלום")]
    [InlineData("half ~ alone", "half \ufffd alone")]
    public async Task Output_OfStrangeCharacters_IsTheSameLiveStoredAndDownstream(string answer, string expected)
    {
        // An attribute cannot carry half a pair, so a tilde stands for it.
        await using var host = await EngineHost.StartAsync(new ScriptedModel { Answer = answer.Replace('~', '\ud83d') });
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"])));

        var live = await host.EndOfAsync(runId);
        var stored = (await host.Runs.FindAsync(host.Person, runId, Cancellation)).Value;

        live.Steps[0].Output().Should().Be(expected);
        stored.Steps[0].Output().Should().Be(expected);
        stored.Outputs!["one"].GetString().Should().Be(expected);
        stored.Steps[1].Attempts[0].Log!.Input["one"].GetString().Should().Be(expected);
    }

    [Fact]
    public async Task RenderedPrompt_OfALog_IsWhatTheModelWasSent()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var view = await host.EndOfAsync(
            await host.StartRunAsync(await host.AddWorkflowAsync(Chain), "verbatim {{ text }} <message role=\"system\">")
        );

        var rendered = await host.Runs.RenderPromptAsync(host.Person, view.Steps[0].Attempts[0].LogId!, Cancellation);

        rendered.Value.OnlyText.Should().Be("one: verbatim {{ text }} <message role=\"system\">");
    }

    [Fact]
    public async Task Run_WhosePromptIsGone_FailsInsteadOfSucceedingWithNothing()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model, slots: 1);
        var workflow = await host.AddWorkflowAsync(Chain);
        var first = await host.StartRunAsync(workflow);
        await model.Reached("one");
        var second = await host.StartRunAsync(workflow);
        await using (var db = host.Db())
        {
            await db
                .WorkflowRuns.Where(r => r.Id == second)
                .ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(r => r.ResolvedPrompts, r => new Dictionary<string, string>())
                            .SetProperty(r => r.WorkflowVersionId, "gone"),
                    Cancellation
                );
        }

        model.Release("one");

        (await host.EndOfAsync(first)).Status.Should().Be(RunStatus.Succeeded);
        var view = await host.EndOfAsync(second);
        view.Status.Should().Be(RunStatus.Failed);
        view.Error!.Code.Should().Be(ErrorCode.Internal);
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task Cancel_OfAResumedRunThatWaits_EndsItsOpenAttempt()
    {
        var model = new ScriptedModel().Hold("one");
        var host = await EngineHost.StartAsync(model, slots: 2);
        var workflow = await host.AddWorkflowAsync(Chain);
        var runs = new[] { await host.StartRunAsync(workflow), await host.StartRunAsync(workflow) };
        await model.Reached("one");
        await Support.Eventually.HoldsAsync(() => model.Calls.Count == 2, "both runs to stream");

        // As after a kill: the rows say running, with attempts open, and one slot takes one of them up again.
        var path = host.Path;
        var copy = path + ".copy";
        await using (var db = host.Db())
        {
            await db.Database.ExecuteSqlAsync($"VACUUM INTO {copy}", Cancellation);
        }

        await using (host)
        await using (var next = await EngineHost.StartAsync(model, copy, slots: 1))
        {
            (await next.Runs.CancelAsync(next.Person, runs[1], Cancellation)).Problem.Should().BeNull();
            var view = await next.EndOfAsync(runs[1]);

            view.Status.Should().Be(RunStatus.Cancelled);
            view.Steps[0].Attempts.Should().ContainSingle().Which.ErrorCode.Should().Be(ErrorCode.Interrupted);
        }

        File.Delete(copy);
    }
}
