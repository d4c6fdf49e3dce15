using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A run belongs to whoever claimed it last.</summary>
public sealed class LeaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Executor_ThatLostItsLease_WritesNothingMore_AndTheRunIsTakenOver()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"])));
        await model.Reached("one");

        // Another host claims the run, and dies: its lease is over.
        await using (var db = host.Db())
        {
            await db
                .WorkflowRuns.Where(run => run.Id == runId)
                .ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(run => run.LeaseOwner, "elsewhere")
                            .SetProperty(run => run.LeaseEpoch, run => run.LeaseEpoch + 1)
                            .SetProperty(run => run.LeaseUntil, DateTime.UtcNow.AddSeconds(-1)),
                    Cancellation
                );
        }

        var watch = System.Diagnostics.Stopwatch.StartNew();
        model.Release("one");
        var view = await Eventually.GetAsync(
            async () => (await host.Runs.FindAsync(host.Person, runId, Cancellation)).Value is { IsFinished: true } ended ? ended : null,
            "the run is taken over and ends",
            TimeSpan.FromSeconds(60)
        );

        view.Status.Should().Be(RunStatus.Succeeded);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(60));
        view.Steps[0]
            .Attempts.Select(attempt => attempt.ErrorCode)
            .Should()
            .Equal([ErrorCode.Interrupted, null], "the old executor's answer is not written: it had lost the run");
        (await host.EventsOfAsync(runId)).Count(e => e.Type == RunEventType.Claimed).Should().Be(2);
    }

    [Fact]
    public async Task Run_OfAHostThatIsGone_IsTakenOverWhenItsLeaseIsOver()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"])));
        await host.EndOfAsync(runId);
        await using (var db = host.Db())
        {
            // As if the run had been cut off after its claim.
            var first = await db.RunEvents.SingleAsync(e => e.RunId == runId && e.Seq == 1, Cancellation);
            first.Following = [first.Following!.First(next => next.Type == RunEventType.Claimed)];
            await db.SaveChangesAsync(Cancellation);
            await db.RunEvents.Where(e => e.RunId == runId && e.Seq > 1).ExecuteDeleteAsync(Cancellation);
            await db.ExecutionLogs.Where(log => log.RunId == runId).ExecuteDeleteAsync(Cancellation);
            await db
                .WorkflowRuns.Where(run => run.Id == runId)
                .ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(run => run.Status, RunStatus.Running)
                            .SetProperty(run => run.FinishedAt, (DateTime?)null)
                            .SetProperty(run => run.LastSeq, 2)
                            .SetProperty(run => run.LeaseOwner, "elsewhere")
                            .SetProperty(run => run.LeaseUntil, DateTime.UtcNow.AddSeconds(2)),
                    Cancellation
                );
        }

        var view = await Eventually.GetAsync(
            async () =>
                (await host.Runs.FindAsync(host.Person, runId, Cancellation)).Value is { Status: RunStatus.Succeeded } ended ? ended : null,
            "the run is taken over and ends",
            TimeSpan.FromSeconds(60)
        );

        view.Steps[0].Status.Should().Be(StepStatus.Succeeded);
    }
}
