using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// The scheduler beside a real queue and database, with executions that end when the test says so. They change no row, so the queue has to
/// be the one in memory.
/// </summary>
[Trait("Database", "SQLite")]
public sealed class RunSchedulerTests : IAsyncLifetime
{
    private static readonly AsyncLocal<string?> Request = new();

    private readonly HeldExecutions _executions = new();
    private EngineHost _host = null!;
    private string _workflow = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(
            new ScriptedModel(),
            slots: 2,
            more: builder =>
            {
                builder.Services.RemoveAll<IRunExecutions>();
                builder.Services.AddSingleton<IRunExecutions>(_executions);
            }
        );
        _workflow = await _host.AddWorkflowAsync(("one", ["text"]));
    }

    public async ValueTask DisposeAsync()
    {
        _executions.Stop();
        await _host.DisposeAsync();
    }

    /// <summary>The sweep looks every five seconds: by it alone, six rounds take half a minute.</summary>
    [Fact]
    public async Task ReleasedSlot_StartsTheNextRunAtOnce_AndNeverMoreThanThereAreSlots()
    {
        var runs = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            runs.Add(await _host.StartRunAsync(_workflow));
        }

        var began = DateTime.UtcNow;
        for (var ended = 0; ended < 6; ended++)
        {
            await _executions.HasStartedAsync(ended + 2);
            _executions.Running.Should().Be(2);
            _executions.End(runs[ended]);
        }

        await _executions.HasStartedAsync(8);
        _executions.Started.Should().BeEquivalentTo(runs);
        (DateTime.UtcNow - began).Should().BeLessThan(TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task Run_IsNotPartOfTheRequestThatStartsIt()
    {
        Request.Value = "a request";
        var run = await _host.StartRunAsync(_workflow);
        await _executions.HasStartedAsync(1);

        _executions.Started.Should().Equal(run);
        _executions.Seen.Should().Equal([null], "what a request knows must not flow into a run");
    }

    [Fact]
    public async Task RunThatIsWantedWhileItLeaves_RunsAgain()
    {
        var run = await _host.StartRunAsync(_workflow);
        await _executions.HasStartedAsync(1);
        await ParkAsync(run);

        await _host.Get<RunScheduler>().WakeAsync(run, Cancellation);
        _executions.Started.Should().HaveCount(1, "it has not left yet");
        _executions.End(run);
        await _executions.HasStartedAsync(2);
    }

    [Fact]
    public async Task ParkedRun_ResumesWhenItIsDue()
    {
        var run = await _host.StartRunAsync(_workflow);
        await _executions.HasStartedAsync(1);
        await ParkAsync(run);

        var began = DateTime.UtcNow;
        _executions.End(run, resumeAt: began.AddSeconds(1));
        await _executions.HasStartedAsync(2);
        (DateTime.UtcNow - began).Should().BeGreaterThan(TimeSpan.FromSeconds(0.9)).And.BeLessThan(TimeSpan.FromSeconds(4.5));
    }

    [Fact]
    public async Task ExecutionThatThrows_GivesItsSlotBack()
    {
        var first = await _host.StartRunAsync(_workflow);
        var second = await _host.StartRunAsync(_workflow);
        await _executions.HasStartedAsync(2);
        var waiting = await _host.StartRunAsync(_workflow);

        _executions.Break(first);
        await _executions.HasStartedAsync(3);
        _executions.Started.Should().BeEquivalentTo([first, second, waiting]);
    }

    private async Task ParkAsync(string run)
    {
        await using var db = _host.Db();
        await db
            .WorkflowRuns.Where(row => row.Id == run)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Status, RunStatus.Waiting).SetProperty(row => row.LeaseOwner, (string?)null),
                Cancellation
            );
    }

    private sealed class HeldExecutions : IRunExecutions
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<DateTime?>> _held = new();
        private readonly ConcurrentQueue<(string RunId, string? Request)> _started = new();

        public IEnumerable<string> Started => _started.Select(start => start.RunId);

        public IEnumerable<string?> Seen => _started.Select(start => start.Request);

        public int Running => _held.Count;

        public Task<DateTime?> ExecuteAsync(string runId)
        {
            var held = _held[runId] = new TaskCompletionSource<DateTime?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _started.Enqueue((runId, Request.Value));
            return held.Task;
        }

        public void End(string runId, DateTime? resumeAt = null)
        {
            _held.TryRemove(runId, out var held).Should().BeTrue();
            held!.SetResult(resumeAt);
        }

        public void Break(string runId)
        {
            _held.TryRemove(runId, out var held).Should().BeTrue();
            held!.SetException(new InvalidOperationException("A bug."));
        }

        public Task HasStartedAsync(int runs) =>
            Eventually.HoldsAsync(() => _started.Count >= runs, $"{runs} runs to start", TimeSpan.FromSeconds(10));

        public void Stop()
        {
            foreach (var run in _held.Keys)
            {
                End(run);
            }
        }

        public void Interrupt() { }
    }
}
