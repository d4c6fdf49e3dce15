using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>Two hosts share the waiting runs, and each run has one host.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class SharedQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_QueuedOnAFullHost_IsExecutedByTheOther()
    {
        var (modelOfA, modelOfB) = (new ScriptedModel().Hold("one"), new ScriptedModel());
        await using var engines = await TwoEngines.StartAsync(modelOfA, modelOfB, slotsOfA: 1);
        var workflow = await engines.A.AddWorkflowAsync(("one", ["text"]));
        var held = await engines.A.StartRunAsync(workflow);
        await modelOfA.Reached("one");

        var waiting = await engines.A.StartRunAsync(workflow);

        (await EndOfAsync(engines.A, waiting)).Status.Should().Be(RunStatus.Succeeded);
        modelOfB.Calls.Should().Equal("one");
        modelOfA.Release("one");
        (await engines.A.EndOfAsync(held)).Status.Should().Be(RunStatus.Succeeded);
        modelOfA.Calls.Should().Equal("one");
    }

    [Fact]
    public async Task Limit_OfAWorkflow_HoldsOverBothHosts()
    {
        var model = new ScriptedModel().Hold("one");
        await using var engines = await TwoEngines.StartAsync(model, model, slotsOfA: 2);
        var workflow = await engines.A.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]));
        await using (var db = engines.A.Db())
        {
            var row = await db.Workflows.SingleAsync(row => row.Id == workflow, Cancellation);
            row.Limits = row.Limits with { MaxConcurrentRuns = 3 };
            await db.SaveChangesAsync(Cancellation);
        }

        engines.A.Get<LiveLimits>().Drop(workflow);
        engines.B.Get<LiveLimits>().Drop(workflow);
        var runs = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(number => (number % 2 == 0 ? engines.A : engines.B).StartRunAsync(workflow, $"{number}"))
        );

        await Eventually.HoldsAsync(() => model.Calls.Count == 3, "three runs to call their model");
        model.Release("one");
        foreach (var run in runs)
        {
            (await EndOfAsync(engines.A, run)).Status.Should().Be(RunStatus.Succeeded);
        }

        model.MostAtOnce.Should().Be(3);
        model.Calls.Should().HaveCount(60);
        (await MostAtOnceAsync(engines.A)).Should().Be(3, "A has slots for two of them only, so B has executed others");
    }

    [Fact]
    public async Task Start_BesideALiveHost_LeavesItsRuns()
    {
        var (modelOfA, modelOfB) = (new ScriptedModel().Hold("one"), new ScriptedModel());
        var run = "";
        await using var engines = await TwoEngines.StartAsync(
            modelOfA,
            modelOfB,
            beforeB: async a =>
            {
                run = await a.StartRunAsync(await a.AddWorkflowAsync(("one", ["text"])));
                await modelOfA.Reached("one");
            }
        );

        // B has checked at least once when it executes a run of its own.
        var other = await engines.B.StartRunAsync(await engines.B.AddWorkflowAsync(("two", ["text"])));
        await engines.B.EndOfAsync(other);
        modelOfA.Release("one");

        (await engines.A.EndOfAsync(run)).Status.Should().Be(RunStatus.Succeeded);
        modelOfB.Calls.Should().Equal("two");
        (await engines.A.EventsOfAsync(run)).Count(e => e.Type == RunEventType.Claimed).Should().Be(1);
    }

    [Fact]
    public async Task Runs_OfAHostThatStops_ContinueOnTheOtherAtOnce()
    {
        var (modelOfA, modelOfB) = (new ScriptedModel().Hold("two"), new ScriptedModel());
        await using var engines = await TwoEngines.StartAsync(modelOfA, modelOfB);
        var run = await engines.A.StartRunAsync(await engines.A.AddWorkflowAsync(("one", ["text"]), ("two", ["one"])));
        await modelOfA.Reached("two");

        await engines.A.StopAsync();

        var state = await EndOfAsync(engines.B, run);
        state.Status.Should().Be(RunStatus.Succeeded);
        state.Steps[1].Attempts.Select(attempt => attempt.ErrorCode).Should().Equal([ErrorCode.Interrupted, null]);
        modelOfB.Calls.Should().Equal(["two"], "a step that succeeded never runs again");
    }

    /// <summary>The run's state from its rows, whichever host executes it.</summary>
    private static async Task<RunState> EndOfAsync(EngineHost host, string run) =>
        await Eventually.GetAsync(
            async () => (await host.Runs.FindAsync(host.Person, run, Cancellation)).Value is { IsFinished: true } ended ? ended : null,
            $"run {run} to end",
            TimeSpan.FromSeconds(30)
        );

    /// <summary>The most runs that were under way at the same time, by their rows.</summary>
    private static async Task<int> MostAtOnceAsync(EngineHost host)
    {
        await using var db = host.Db();
        var runs = await db.WorkflowRuns.Select(run => new { run.StartedAt, run.FinishedAt }).ToListAsync(Cancellation);
        return runs.Max(run => runs.Count(other => other.StartedAt <= run.StartedAt && other.FinishedAt > run.StartedAt));
    }
}
