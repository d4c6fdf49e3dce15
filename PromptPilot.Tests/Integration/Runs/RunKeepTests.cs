using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Pinning and deleting, by the service beside a working engine and over HTTP.</summary>
public sealed class RunKeepTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pin_OfARunThatIsWatched_IsShownAtOnce_AndStaysShownToItsEnd()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model);
        var runId = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"])));
        await model.Reached("one");
        using var watch = (await host.Runs.WatchAsync(host.Person, runId, Token)).Value;

        (await host.Get<RunKeepService>().PinAsync(host.Person, runId, pinned: true, Token)).IsOk.Should().BeTrue();

        while (!watch.State.Pinned)
        {
            (await watch.NextAsync(Token).WaitAsync(EngineHost.Limit, Token)).Should().BeTrue();
        }

        model.Release("one");
        (await host.EndOfAsync(runId)).Pinned.Should().BeTrue();
        (await host.Runs.ListAsync(host.Person, new RunFilter(Pinned: true), new PageRequest(), Token))
            .Value.Items.Should()
            .ContainSingle()
            .Which.Pinned.Should()
            .BeTrue();
        (await host.Runs.ListAsync(host.Person, new RunFilter(Pinned: false), new PageRequest(), Token)).Value.Items.Should().BeEmpty();
        (await host.Runs.DeleteAsync(Actor.System, runId, Token)).Problem!.Message.Should().Be("This run is pinned. Unpin it first.");
    }

    [Fact]
    public async Task Pin_OfARunThatWaits_IsAnEvent_AndLetsNothingContinue()
    {
        var model = new ScriptedModel().Hold("one");
        await using var host = await EngineHost.StartAsync(model, slots: 1);
        var keeping = host.Get<RunKeepService>();
        var reviewed = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("two", ["text"], new StepOptions { Review = new ReviewOptions() })
        );
        var parked = await host.StartRunAsync(reviewed);
        await Eventually.HoldsAsync(
            async () => (await host.Runs.FindAsync(host.Person, parked, Token)).Value.Status == RunStatus.Waiting,
            "the first run to wait for a review"
        );
        var workflow = await host.AddWorkflowAsync(("one", ["text"]));
        var running = await host.StartRunAsync(workflow);
        await model.Reached("one");
        var queued = await host.StartRunAsync(workflow);

        foreach (var run in new[] { parked, running, queued })
        {
            (await keeping.PinAsync(host.Person, run, pinned: true, Token)).IsOk.Should().BeTrue();
            (await keeping.PinAsync(host.Person, run, pinned: true, Token)).IsOk.Should().BeTrue("it is pinned already");
            (await keeping.PinAsync(host.Person, run, pinned: false, Token)).IsOk.Should().BeTrue();
            (await keeping.PinAsync(host.Person, run, pinned: true, Token)).IsOk.Should().BeTrue();
        }

        host.Get<RunQueue>().Position(queued).Should().Be(1);
        model.Release("one");
        foreach (var run in new[] { running, queued })
        {
            var ended = await host.EndOfAsync(run);
            (ended.Status, ended.Pinned).Should().Be((RunStatus.Succeeded, true));
        }

        (await keeping.PinAsync(host.Person, running, pinned: false, Token)).IsOk.Should().BeTrue("an ended run can be unpinned, too");
        var (left, right) = ((await host.Runs.FindAsync(host.Person, running, Token)).Value, await PinnedRowsAsync(host));
        left.Pinned.Should().BeFalse();
        right.Should().BeEquivalentTo([parked, queued]);
        (await host.EventsOfAsync(parked))
            .Select(happened => happened.Type)
            .Should()
            .EndWith([RunEventType.Parked, RunEventType.Pinned, RunEventType.Unpinned, RunEventType.Pinned], "it was not woken");
        (await host.EventsOfAsync(queued)).Count(happened => happened.Type == RunEventType.Claimed).Should().Be(1);
    }

    /// <summary>Rows of before a pin was an event have it in their column alone.</summary>
    [Fact]
    public async Task PinOfBefore_FoldsFromTheRow_AndCanBeTakenAway()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var run = (await host.EndOfAsync(await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]))))).Id;
        await using (var db = host.Db())
        {
            await db.WorkflowRuns.ExecuteUpdateAsync(set => set.SetProperty(row => row.Pinned, true), Token);
        }

        (await host.EventsOfAsync(run)).Should().NotContain(happened => happened.Type == RunEventType.Pinned);
        (await host.Runs.FindAsync(host.Person, run, Token)).Value.Pinned.Should().BeTrue();
        (await host.Get<RunKeepService>().PinAsync(host.Person, run, pinned: false, Token)).IsOk.Should().BeTrue();
        (await host.Runs.FindAsync(host.Person, run, Token)).Value.Should().Match<RunState>(state => !state.Pinned && state.IsFinished);
        (await PinnedRowsAsync(host)).Should().BeEmpty();
    }

    private static async Task<List<string>> PinnedRowsAsync(EngineHost host)
    {
        await using var db = host.Db();
        return await db.WorkflowRuns.Where(row => row.Pinned).Select(row => row.Id).ToListAsync(Token);
    }

    [Fact]
    public async Task Delete_OfARunWithARetry_IsRefusedByName_UnlessBothGo()
    {
        var model = new ScriptedModel().FaultOnce("two", ErrorCode.Auth);
        await using var host = await EngineHost.StartAsync(model);
        var parent = await host.EndOfAsync(await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]))));
        var child = await host.EndOfAsync((await host.Replays.RetryAsync(host.Person, parent.Id, Token)).Value.Id);
        var keeping = host.Get<RunKeepService>();

        var alone = await host.Runs.DeleteAsync(Actor.System, parent.Id, Token);
        alone.Problem!.Kind.Should().Be(ProblemKind.Conflict);
        alone.Problem.Message.Should().Be($"Run {child.Id} reuses results of this run. Delete that run first.");
        (await keeping.DeleteManyAsync(Actor.System, [parent.Id, "nope", "nope"], Token))
            .Value.Should()
            .BeEquivalentTo(
                new DeletedRuns(
                    0,
                    [new KeptRun(parent.Id, alone.Problem.Message), new KeptRun("nope", "There is no such run. It may have been deleted.")]
                )
            );

        (await keeping.DeleteManyAsync(Actor.System, [parent.Id, child.Id], Token)).Value.Should().BeEquivalentTo(new DeletedRuns(2, []));

        await using var db = host.Db();
        (await db.ExecutionLogs.CountAsync(Token)).Should().Be(0);
    }

    [Fact]
    public async Task DeleteMany_OfNoneOrTooMany_IsRefusedAtTheField()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        foreach (var count in new[] { 0, RunKeepService.MostAtOnce + 1 })
        {
            var result = await host.Get<RunKeepService>()
                .DeleteManyAsync(Actor.System, [.. Enumerable.Range(0, count).Select(i => $"{i}")], Token);
            result.Problem!.Errors.Single().Field.Should().Be("ids");
        }
    }

    [Fact]
    public Task Sweep_OfAThousandRuns_WhileRunsExecuteAndTwentyWrite_HoldsNobodyUpAndLosesNothingKept() => SweepAsync(1000);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Sweep_OfTenThousandRuns_WhileRunsExecuteAndTwentyWrite_HoldsNobodyUpAndLosesNothingKept() => SweepAsync(10_000);

    private static async Task SweepAsync(int old)
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model, slots: 8);
        var workflow = await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]));
        var kept = await AddOldRunsAsync(host, workflow, old);
        using var swept = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 20).Select(number => WriteAsync(host, number, swept.Token)).ToList();
        var runs = Enumerable.Range(0, 40).Select(_ => host.StartRunAsync(workflow)).ToList();

        var removed = await host.Get<RunRetention>().SweepAsync(Token);
        await swept.CancelAsync();

        removed.Should().Be(old - kept.Count);
        var written = await Task.WhenAll(writers);
        written.Should().OnlyContain(count => count > 0, "nobody waited for the sweep's end");
        foreach (var id in await Task.WhenAll(runs))
        {
            (await host.EndOfAsync(id)).Status.Should().Be(RunStatus.Succeeded);
            kept.Add(id);
        }

        await using var db = host.Db();
        (await db.WorkflowRuns.Select(run => run.Id).ToListAsync(Token)).Should().BeEquivalentTo(kept);
        (await db.ExecutionLogs.CountAsync(Token)).Should().Be(kept.Count - 40 + 80, "a log of each kept run, two of each new one");
        (await db.Prompts.CountAsync(prompt => prompt.Name.StartsWith("written"), Token)).Should().Be(written.Sum());
    }

    [Fact]
    public async Task Api_PinsFiltersAndDeletes()
    {
        await using var bench = await RunBench.StartAsync();
        var workflow = await bench.AddWorkflowAsync(("one", ["text"]));
        var first = (await bench.Api.RunAsync(workflow)).Text("id");
        var second = (await bench.Api.RunAsync(workflow)).Text("id");

        (await bench.Api.SendAsync(HttpMethod.Put, $"runs/{first}/pin", new { pinned = true }))
            .GetProperty("pinned")
            .GetBoolean()
            .Should()
            .BeTrue();

        (await bench.Api.FindAsync(first)).GetProperty("pinned").GetBoolean().Should().BeTrue();
        var pinned = (await bench.Api.SendAsync(HttpMethod.Get, "runs?pinned=true", null)).GetProperty("items");
        pinned.EnumerateArray().Select(run => (run.Text("id"), run.GetProperty("pinned").GetBoolean())).Should().Equal((first, true));
        var deleted = await bench.Api.SendAsync(HttpMethod.Post, "runs/delete", new { ids = new[] { first, second } });
        deleted.GetProperty("deleted").GetInt32().Should().Be(1);
        deleted.GetProperty("kept")[0].Text("id").Should().Be(first);
        deleted.GetProperty("kept")[0].Text("reason").Should().Contain("Unpin");
        await bench.Api.SendAsync(HttpMethod.Put, $"runs/{first}/pin", new { pinned = false });
        (await bench.Api.SendAsync(HttpMethod.Post, "runs/delete", new { ids = new[] { first } }))
            .GetProperty("deleted")
            .GetInt32()
            .Should()
            .Be(1);
    }

    [Theory]
    [InlineData("PUT", "runs/x/pin", "{}", HttpStatusCode.BadRequest, "pinned")]
    [InlineData("PUT", "runs/x/pin", """{"pinned":"yes"}""", HttpStatusCode.BadRequest, "pinned")]
    [InlineData("PUT", "runs/x/pin", """{"pin":true}""", HttpStatusCode.BadRequest, "pin")]
    [InlineData("PUT", "runs/x/pin", """{"pinned":true}""", HttpStatusCode.NotFound, null)]
    [InlineData("POST", "runs/delete", "{}", HttpStatusCode.BadRequest, "ids")]
    [InlineData("POST", "runs/delete", """{"ids":"all"}""", HttpStatusCode.BadRequest, "ids")]
    [InlineData("POST", "runs/delete", """{"ids":[],"force":true}""", HttpStatusCode.BadRequest, "force")]
    public async Task Api_WithAWrongBody_IsRefusedAtTheField(
        string method,
        string path,
        string body,
        HttpStatusCode expected,
        string? field
    )
    {
        await using var bench = await RunBench.InAsync(shared);

        using var answer = await bench.Api.TrySendAsync(new HttpMethod(method), path, JsonSerializer.Deserialize<JsonElement>(body));

        answer.StatusCode.Should().Be(expected);
        var text = await answer.Content.ReadAsStringAsync(Token);
        if (field is not null)
        {
            JsonSerializer.Deserialize<JsonElement>(text).GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue(text);
        }
    }

    /// <summary>Runs that ended long ago, with a log and two events each; every hundredth is pinned, another rated.</summary>
    private static async Task<List<string>> AddOldRunsAsync(EngineHost host, string workflow, int count)
    {
        var kept = new List<string>();
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-100);
        for (var i = 0; i < count; )
        {
            await using var db = host.Db();
            for (var last = Math.Min(count, i + 1000); i < last; i++)
            {
                var at = old.AddSeconds(-i);
                var run = new WorkflowRun
                {
                    WorkflowId = workflow,
                    WorkflowName = "old",
                    Status = RunStatus.Succeeded,
                    QueuedAt = at,
                    StartedAt = at,
                    FinishedAt = at,
                    LastSeq = 2,
                    Pinned = i % 100 == 0,
                };
                var log = new ExecutionLog
                {
                    RunId = run.Id,
                    WorkflowId = workflow,
                    StepId = "s",
                    PromptId = "p",
                    PromptVersionId = "v",
                    ModelProfileId = "m",
                    ModelUsed = "m",
                    Timestamp = at,
                    Output = "text",
                };
                db.AddRange(
                    run,
                    log,
                    new RunEvent
                    {
                        RunId = run.Id,
                        Seq = 1,
                        Type = RunEventType.Queued,
                    },
                    new RunEvent
                    {
                        RunId = run.Id,
                        Seq = 2,
                        Type = RunEventType.Finished,
                    }
                );
                if (i % 100 == 50)
                {
                    db.Add(
                        new Core.Feedback.Feedback
                        {
                            ExecutionId = log.Id,
                            PromptId = log.PromptId,
                            UserId = "person",
                            Rating = 5,
                        }
                    );
                }

                if (i % 50 == 0)
                {
                    kept.Add(run.Id);
                }
            }

            await db.SaveChangesAsync(Token);
        }

        return kept;
    }

    /// <summary>Saves one row after the other until told to stop.</summary>
    private static Task<int> WriteAsync(EngineHost host, int number, CancellationToken stop) =>
        Task.Run(
            async () =>
            {
                var count = 0;
                while (!stop.IsCancellationRequested)
                {
                    await using var db = host.Db();
                    db.Add(
                        new Prompt
                        {
                            Name = $"written {number} {count}",
                            NormalizedName = $"WRITTEN {number} {count}",
                            Content = "x",
                        }
                    );
                    await db.SaveChangesAsync(Token);
                    count++;
                }

                return count;
            },
            Token
        );
}
