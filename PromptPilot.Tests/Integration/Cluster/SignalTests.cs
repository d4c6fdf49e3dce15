using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>Requests sent on one host to a run that another host executes.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class SignalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cancel_OnTheOtherHost_EndsTheAttemptInFlight()
    {
        var model = new ScriptedModel().Hold("one");
        await using var engines = await TwoEngines.StartAsync(model, new ScriptedModel());
        var run = await engines.A.StartRunAsync(await engines.A.AddWorkflowAsync(("one", ["text"])));
        await model.Reached("one");

        (await engines.B.Runs.CancelAsync(engines.B.Person, run, Cancellation)).Problem.Should().BeNull();

        (await engines.A.EndOfAsync(run)).Status.Should().Be(RunStatus.Cancelled);
        model.Aborted.Should().Be(1);
        (await SignalsAsync(engines.A)).Should().Be(0);
        (await engines.B.Runs.CancelAsync(engines.B.Person, run, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
    }

    [Fact]
    public async Task Review_WhileTheOtherHostExecutesAParallelStep_IsAnsweredOnce()
    {
        var model = new ScriptedModel().Hold("side");
        await using var engines = await TwoEngines.StartAsync(model, new ScriptedModel());
        var workflow = await engines.A.AddWorkflowAsync(
            new WorkflowOptions(),
            ("draft", ["text"], new StepOptions { Review = new ReviewOptions() }),
            ("side", ["text"], new StepOptions())
        );
        var run = await engines.A.StartRunAsync(workflow);
        await model.Reached("side");
        var state = await Eventually.GetAsync(
            async () =>
                (await engines.B.Runs.FindAsync(engines.B.Person, run, Cancellation)).Value is { OpenReviews: 1 } open ? open : null,
            "the review to open"
        );
        var step = state.Steps.Single(step => step.OutputKey == "draft").StepId;
        var answer = new ReviewAnswer(ReviewVerdict.Edit, JsonSerializer.SerializeToElement("edited"));

        var answers = await Task.WhenAll(
            engines.B.Reviews.AnswerAsync(engines.B.Person, run, step, answer, Cancellation),
            engines.B.Reviews.AnswerAsync(engines.B.Author, run, step, answer, Cancellation)
        );

        answers.Count(result => result.IsOk).Should().Be(1);
        answers.Single(result => !result.IsOk).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        model.Release("side");
        var ended = await engines.A.EndOfAsync(run);
        ended.Outputs!["draft"].GetString().Should().Be("edited");
        (await engines.A.EventsOfAsync(run)).Count(e => e.Type == RunEventType.ReviewAnswered).Should().Be(1);
        (await SignalsAsync(engines.A)).Should().Be(0);
    }

    [Fact]
    public async Task Cancel_OfARunWhoseHostDies_IsCommittedByTheSender()
    {
        var model = new ScriptedModel().Hold("one");
        await using var engines = await TwoEngines.StartAsync(model, new ScriptedModel().Hold("one"));
        var run = await engines.A.StartRunAsync(await engines.A.AddWorkflowAsync(("one", ["text"])));
        await model.Reached("one");
        await using (var db = engines.A.Db())
        {
            // A third host has claimed the run, and dies before it reads the request.
            await db
                .WorkflowRuns.Where(row => row.Id == run)
                .ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(row => row.LeaseOwner, "elsewhere")
                            .SetProperty(row => row.LeaseEpoch, row => row.LeaseEpoch + 1)
                            .SetProperty(row => row.LeaseUntil, DateTime.UtcNow.AddSeconds(1)),
                    Cancellation
                );
        }

        (await engines.B.Runs.CancelAsync(engines.B.Person, run, Cancellation)).Problem.Should().BeNull();

        var state = await Eventually.GetAsync(
            async () =>
                (await engines.B.Runs.FindAsync(engines.B.Person, run, Cancellation)).Value is { IsFinished: true } end ? end : null,
            "the run to end"
        );
        state.Status.Should().Be(RunStatus.Cancelled);
        (await SignalsAsync(engines.B)).Should().Be(0);
    }

    private static async Task<int> SignalsAsync(EngineHost host)
    {
        await using var db = host.Db();
        return await db.Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM "RunSignals" """).SingleAsync(Cancellation);
    }
}
