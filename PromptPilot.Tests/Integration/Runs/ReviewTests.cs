using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A run that waits for a person: its slot is free, restarts do not matter, and one answer counts.</summary>
public sealed class ReviewTests
{
    private static readonly StepOptions Reviewed = new() { Review = new ReviewOptions { Instructions = "Is it polite?" } };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Review_IsAsked_RunWaitsWithoutASlot_AndGoesOnWhenApproved()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel(), slots: 1);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("draft", ["text"], Reviewed),
            ("send", ["draft"], new StepOptions())
        );
        var runId = await host.StartRunAsync(workflow);
        var waiting = await WaitingAsync(host, runId);

        waiting.Steps[0].Status.Should().Be(StepStatus.Waiting);
        waiting.Steps[1].Status.Should().Be(StepStatus.Pending);
        var other = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"])));
        (await host.EndOfAsync(other)).Status.Should().Be(RunStatus.Succeeded, "the slot is free");
        var open = (await host.Reviews.ListOpenAsync(host.Person, 10, Cancellation)).Value.Single();
        open.Should()
            .BeEquivalentTo(
                new
                {
                    RunId = runId,
                    OutputKey = "draft",
                    Text = "[draft: hello]",
                    Instructions = "Is it polite?",
                }
            );
        (await AnswerAsync(host, waiting, new ReviewAnswer(ReviewVerdict.Approve))).Should().BeNull();

        var view = await host.EndOfAsync(runId);

        view.Outputs!["send"].GetString().Should().Be("[send: [draft: hello]]");
        view.Steps[0].Review!.By.Should().Be("person");
        (await host.Reviews.ListOpenAsync(host.Person, 10, Cancellation)).Value.Should().BeEmpty();
    }

    [Fact]
    public async Task Review_EditedAfterARestart_EditFlowsOn_AndTheLogKeepsWhatTheModelWrote()
    {
        var path = Path.Combine(Path.GetTempPath(), $"promptpilot-review-{Ids.New()}.db");
        string runId;
        await using (var host = await EngineHost.StartAsync(new ScriptedModel(), path))
        {
            var workflow = await host.AddWorkflowAsync(
                new WorkflowOptions(),
                ("draft", ["text"], Reviewed),
                ("send", ["draft"], new StepOptions())
            );
            runId = await host.StartRunAsync(workflow);
            await WaitingAsync(host, runId);
        }

        await using var next = await EngineHost.StartAsync(new ScriptedModel(), path);
        var waiting = await WaitingAsync(next, runId);
        (await AnswerAsync(next, waiting, new ReviewAnswer(ReviewVerdict.Edit, AppJson.Text("better")))).Should().BeNull();

        var view = await next.EndOfAsync(runId);

        view.Outputs!["draft"].GetString().Should().Be("better");
        view.Outputs["send"].GetString().Should().Be("[send: better]");
        view.Steps[0].Attempts.Single().Log!.Output.Should().Be("[draft: hello]");
    }

    [Fact]
    public async Task Review_Rejected_EndsTheRunAsCancelled_WithTheReason()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var runId = await host.StartRunAsync(
            await host.AddWorkflowAsync(new WorkflowOptions(), ("draft", ["text"], Reviewed), ("send", ["draft"], new StepOptions()))
        );
        var waiting = await WaitingAsync(host, runId);

        (await AnswerAsync(host, waiting, new ReviewAnswer(ReviewVerdict.Reject)))!.Errors.Single().Field.Should().Be("reason");
        (await AnswerAsync(host, waiting, new ReviewAnswer(ReviewVerdict.Reject, Reason: "rude"))).Should().BeNull();

        var view = await host.EndOfAsync(runId);
        view.Status.Should().Be(RunStatus.Cancelled);
        view.Error!.Message.Should().Contain("draft").And.Contain("rude");
        (await AnswerAsync(host, waiting, new ReviewAnswer(ReviewVerdict.Approve)))!.Kind.Should().Be(ProblemKind.Conflict);
    }

    [Fact]
    public async Task Review_WhileAParallelBranchRuns_IsAnsweredThroughTheExecutor()
    {
        var model = new ScriptedModel().Hold("slow");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(
            await host.AddWorkflowAsync(
                new WorkflowOptions(),
                ("draft", ["text"], Reviewed),
                ("slow", ["text"], new StepOptions()),
                ("send", ["draft", "slow"], new StepOptions())
            )
        );
        await model.Reached("slow");
        var view = await Support.Eventually.GetAsync(
            async () =>
            {
                var now = (await host.Runs.FindAsync(host.Person, runId, Cancellation)).Value;
                return now.OpenReviews == 1 ? now : null;
            },
            "the review is asked"
        );

        view.Status.Should().Be(RunStatus.Running);
        (await AnswerAsync(host, view, new ReviewAnswer(ReviewVerdict.Edit, AppJson.Text("edited")))).Should().BeNull();
        model.Release("slow");

        (await host.EndOfAsync(runId)).Outputs!["send"].GetString().Should().Be("[send: edited [slow: hello]]");
    }

    [Fact]
    public async Task Review_TwentyAnswersAtOnce_OneCounts()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(new WorkflowOptions(), ("draft", ["text"], Reviewed)));
        var waiting = await WaitingAsync(host, runId);

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i => Task.Run(() => AnswerAsync(host, waiting, new ReviewAnswer(ReviewVerdict.Edit, AppJson.Text($"{i}")))))
        );

        answers.Count(problem => problem is null).Should().Be(1);
        answers.OfType<Problem>().Should().OnlyContain(problem => problem.Kind == ProblemKind.Conflict);
        var view = await host.EndOfAsync(runId);
        view.Outputs!["draft"].GetString().Should().Be($"{Array.FindIndex(answers, problem => problem is null)}");
        (await host.EventsOfAsync(runId)).Count(e => e.Type == RunEventType.ReviewAnswered).Should().Be(1);
    }

    [Fact]
    public async Task Review_AnsweredTheMomentTheRunParks_IsNotLost()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel(), slots: 4);
        var workflow = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("draft", ["text"], Reviewed),
            ("send", ["draft"], new StepOptions())
        );

        var ends = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async _ =>
                {
                    var runId = await host.StartRunAsync(workflow);
                    (await AnswerAsync(host, await WaitingAsync(host, runId), new ReviewAnswer(ReviewVerdict.Approve))).Should().BeNull();
                    return await host.EndOfAsync(runId);
                })
        );

        ends.Should().OnlyContain(view => view.Status == RunStatus.Succeeded);
    }

    [Fact]
    public async Task Review_NobodyAnswersInTime_DefaultAnswerCounts()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel(), parkAfterSeconds: 0.1);
        var approved = Reviewed with
        {
            Review = new ReviewOptions { TimeoutSeconds = 1, OnTimeout = ReviewVerdict.Approve },
        };
        var rejected = Reviewed with
        {
            Review = new ReviewOptions { TimeoutSeconds = 1, OnTimeout = ReviewVerdict.Reject },
        };
        var first = await host.StartRunAsync(await host.AddWorkflowAsync(new WorkflowOptions(), ("draft", ["text"], approved)));
        var second = await host.StartRunAsync(await host.AddWorkflowAsync(new WorkflowOptions(), ("draft", ["text"], rejected)));

        (await host.EndOfAsync(first)).Status.Should().Be(RunStatus.Succeeded);
        (await host.EndOfAsync(second)).Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact]
    public async Task Review_OfJsonOrList_TakesOnlyWhatFits()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel().Say("list", """["a"]"""));
        var json = new StepOptions { OutputFormat = OutputFormat.Json };
        var runId = await host.StartRunAsync(
            await host.AddWorkflowAsync(
                new WorkflowOptions(),
                ("list", ["text"], json),
                ("each", ["item"], Reviewed with { ForEach = "list" })
            )
        );
        var waiting = await WaitingAsync(host, runId);

        (await AnswerAsync(host, waiting, new ReviewAnswer(ReviewVerdict.Edit, AppJson.Text("no list")), step: 1))!
            .Errors.Single()
            .Field.Should()
            .Be("output");
        (
            await AnswerAsync(
                host,
                waiting,
                new ReviewAnswer(ReviewVerdict.Edit, JsonSerializer.SerializeToElement(new[] { "x", "y" })),
                step: 1
            )
        )
            .Should()
            .BeNull();

        (await host.EndOfAsync(runId)).Outputs!["each"].GetRawText().Should().Be("""["x","y"]""");
    }

    [Fact]
    public async Task Review_Cancelled_EndsTheWaitingRun()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(new WorkflowOptions(), ("draft", ["text"], Reviewed)));
        await WaitingAsync(host, runId);

        (await host.Runs.CancelAsync(host.Person, runId, Cancellation)).Problem.Should().BeNull();

        (await host.Runs.FindAsync(host.Person, runId, Cancellation))
            .Value.Status.Should()
            .Be(RunStatus.Cancelled, "it is recorded when cancel returns");
    }

    internal static async Task<RunState> WaitingAsync(EngineHost host, string runId) =>
        await Support.Eventually.GetAsync(
            async () =>
            {
                var view = (await host.Runs.FindAsync(host.Person, runId, Cancellation)).Value;
                return view.Status == RunStatus.Waiting ? view : null;
            },
            "the run waits"
        );

    private static async Task<Problem?> AnswerAsync(EngineHost host, RunState view, ReviewAnswer answer, int step = 0) =>
        (await host.Reviews.AnswerAsync(host.Person, view.Id, view.Steps[step].StepId, answer, Cancellation)).Problem;
}
