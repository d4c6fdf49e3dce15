using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>The queue beside a real database: limits, slots, and who may pass the line.</summary>
public sealed class RunQueueTests : IAsyncLifetime
{
    private EngineHost _host = null!;
    private string _workflow = "";
    private string _other = "";
    private string _profile = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new ScriptedModel());
        _workflow = await _host.AddWorkflowAsync(("one", ["text"]));
        _other = await _host.AddWorkflowAsync(("one", ["text"]));
        await using var db = _host.Db();
        _profile = (await db.ModelProfiles.SingleAsync(Cancellation)).Id;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Limit_Changed_CountsFromTheNextLook()
    {
        var queue = Queue(slots: 10);
        await LimitAsync(_workflow, 1);
        queue.Add("a", _workflow, RunPriority.Person);
        queue.Add("b", _workflow, RunPriority.Person);
        queue.Add("c", _workflow, RunPriority.Person);

        (await queue.AdmitAsync()).Should().Equal("a");
        (await queue.AdmitAsync()).Should().BeEmpty();
        await LimitAsync(_workflow, 2);
        (await queue.AdmitAsync()).Should().Equal("b");
        await LimitAsync(_workflow, null);
        (await queue.AdmitAsync()).Should().Equal("c");
    }

    [Fact]
    public async Task Slots_OfARunThatHasTwo_AreGivenBackOneByOne()
    {
        var queue = Queue(slots: 2);
        (await queue.TryTakeSlotAsync("a", _workflow, null, Cancellation)).Should().BeTrue();
        queue.Add("a", _workflow, RunPriority.Person);
        (await queue.AdmitAsync()).Should().Equal("a");
        queue.Add("b", _other, RunPriority.Person);

        (await queue.AdmitAsync()).Should().BeEmpty("both slots are taken");
        queue.ReleaseSlot("a");
        (await queue.AdmitAsync()).Should().Equal("b");
        queue.Add("c", _other, RunPriority.Person);
        (await queue.AdmitAsync()).Should().BeEmpty();
        queue.ReleaseSlot("a");
        (await queue.AdmitAsync()).Should().Equal("c");
        queue.ReleaseSlot("a");
        queue.Add("d", _other, RunPriority.Person);
        (await queue.AdmitAsync()).Should().BeEmpty("a slot that is not held cannot be given back");
    }

    [Fact]
    public async Task TryTakeSlot_ManyAtOnce_GivesOutEachSlotOnce()
    {
        var queue = Queue(slots: 5);

        var taken = await Task.WhenAll(
            Enumerable
                .Range(0, 64)
                .Select(i => Task.Run(async () => await queue.TryTakeSlotAsync($"run {i}", _workflow, null, Cancellation), Cancellation))
        );

        taken.Count(isTaken => isTaken).Should().Be(5);
    }

    [Fact]
    public async Task TryTakeSlot_AtTheWorkflowsLimit_IsRefused_OthersAreNot()
    {
        var queue = Queue(slots: 5);
        await LimitAsync(_workflow, 1);

        (await queue.TryTakeSlotAsync("a", _workflow, null, Cancellation)).Should().BeTrue();
        (await queue.TryTakeSlotAsync("b", _workflow, null, Cancellation)).Should().BeFalse();
        (await queue.TryTakeSlotAsync("c", _other, null, Cancellation)).Should().BeTrue();
        queue.ReleaseSlot("a");
        (await queue.TryTakeSlotAsync("b", _workflow, null, Cancellation)).Should().BeTrue();
    }

    [Fact]
    public async Task TryTakeSlot_PassesOnlyThoseWhoMayNotStart()
    {
        var queue = Queue(slots: 3);
        await LimitAsync(_workflow, 1);
        (await queue.TryTakeSlotAsync("a", _workflow, null, Cancellation)).Should().BeTrue();
        queue.Add("held", _workflow, RunPriority.Person);
        (await queue.AdmitAsync()).Should().BeEmpty();

        (await queue.TryTakeSlotAsync("b", _other, null, Cancellation)).Should().BeTrue("who waits may not start");
        queue.ReleaseSlot("a");
        (await queue.TryTakeSlotAsync("c", _other, null, Cancellation)).Should().BeFalse("who waits may start now, and was first");
    }

    [Fact]
    public async Task ClosedProfile_HoldsItsRunsOnly()
    {
        var queue = Queue(slots: 3);
        _host.Get<ProfileLimiters>().SlowDown(_profile, TimeSpan.FromMinutes(5));

        (await queue.TryTakeSlotAsync("a", _workflow, _profile, Cancellation)).Should().BeFalse();
        queue.Add("a", _workflow, RunPriority.Person, _profile);
        queue.Add("b", _workflow, RunPriority.Scheduled, "another profile");
        (await queue.AdmitAsync()).Should().Equal("b");
        // Several hosts share it by rows.
        await Eventually.HoldsAsync(
            () => Task.FromResult(queue.OpensAt() > DateTime.UtcNow.AddMinutes(4)),
            "the time when the profile opens to be known"
        );
    }

    [Fact]
    public async Task Add_Twice_KeepsOnePlace()
    {
        var queue = Queue(slots: 5);
        queue.Add("a", _workflow, RunPriority.Person).Should().BeTrue();
        queue.Add("a", _workflow, RunPriority.Person).Should().BeFalse();

        (await queue.AdmitAsync()).Should().Equal("a");
        queue.Remove("a").Should().BeNull("it has just been admitted");
        queue.Count.Should().Be(0);
    }

    /// <summary>The sweep looks every five seconds: by it alone, three rounds take ten seconds and more.</summary>
    [Fact]
    public async Task Scheduler_ProfileOpens_StartsItsRunsWithoutTheSweep()
    {
        var began = DateTime.UtcNow;
        for (var round = 0; round < 3; round++)
        {
            _host.Get<ProfileLimiters>().SlowDown(_profile, TimeSpan.FromSeconds(1));
            var run = await _host.StartRunAsync(_workflow);
            if (_host.Get<RunQueue>().MirrorsRows)
            {
                _host.Get<RunQueue>().Count.Should().Be(1, "its profile takes no call");
            }

            (await _host.EndOfAsync(run)).Status.Should().Be(RunStatus.Succeeded);
        }

        (DateTime.UtcNow - began).Should().BeLessThan(TimeSpan.FromSeconds(9));
    }

    private MemoryRunQueue Queue(int slots) =>
        new(
            Options.Create(new RunsOptions { MaxConcurrentRuns = slots }),
            _host.Get<LiveLimits>(),
            _host.Get<ProfileLimiters>(),
            TimeProvider.System,
            NullLogger<MemoryRunQueue>.Instance
        );

    private async Task LimitAsync(string workflowId, int? limit)
    {
        await using var db = _host.Db();
        var workflow = await db.Workflows.SingleAsync(workflow => workflow.Id == workflowId, Cancellation);
        workflow.Limits = workflow.Limits with { MaxConcurrentRuns = limit };
        await db.SaveChangesAsync(Cancellation);
        _host.Get<LiveLimits>().Drop(workflowId);
    }
}
