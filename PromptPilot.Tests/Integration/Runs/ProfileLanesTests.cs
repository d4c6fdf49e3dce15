using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Tests.Integration.Models;

namespace PromptPilot.Tests.Integration.Runs;

public sealed class ProfileLanesTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private ModelsHost _host = null!;
    private ProfileLanes _lanes = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ModelsHost.StartAsync();
        _lanes = new ProfileLanes(_host.Get<ModelProfiles>(), _time);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task TryTake_ProfileFull_RefusesUntilOneEndsAndTellsWaiters()
    {
        var profile = await AddAsync(limits => limits.ConcurrentCalls = 2);
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
        var seen = _lanes.Freed.Count;

        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeFalse();
        _lanes.HasRoom(profile).Should().BeFalse();
        _lanes.OpensAt(profile).Should().BeNull();
        var freed = _lanes.Freed.WaitAsync(seen, Stop);
        freed.IsCompleted.Should().BeFalse();

        _lanes.Release(profile);
        await freed;
        _lanes.HasRoom(profile).Should().BeTrue();
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
    }

    [Fact]
    public async Task SlowDown_OfOneProfile_LeavesOthersAlone()
    {
        var slow = await AddAsync(_ => { });
        var other = await AddAsync(_ => { });

        _lanes.SlowDown(slow, TimeSpan.FromSeconds(20));

        (await _lanes.TryTakeAsync(slow, Stop)).Should().BeFalse();
        _lanes.OpensAt(slow).Should().Be(_time.GetUtcNow().UtcDateTime.AddSeconds(20) + ProfileLanes.Tick);
        (await _lanes.TryTakeAsync(other, Stop)).Should().BeTrue();
        _lanes.HasRoom(other).Should().BeTrue();
        _lanes.OpensAt(other).Should().BeNull();

        _time.Advance(TimeSpan.FromSeconds(20));
        (await _lanes.TryTakeAsync(slow, Stop)).Should().BeTrue();
    }

    [Fact]
    public async Task TryTake_RequestsAMinuteUsedUp_OpensWhenTheFirstLeavesTheWindow()
    {
        var profile = await AddAsync(limits => limits.RequestsPerMinute = 2);
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
        _time.Advance(TimeSpan.FromSeconds(10));
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
        _lanes.Release(profile);
        _lanes.Release(profile);

        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeFalse();
        _lanes.OpensAt(profile).Should().Be(_time.GetUtcNow().UtcDateTime.AddSeconds(50) + ProfileLanes.Tick);
        _time.Advance(TimeSpan.FromSeconds(50));
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeFalse();
    }

    [Fact]
    public async Task Limits_Changed_CountFromTheNextCall()
    {
        var profile = await AddAsync(_ => { });
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();

        await using (var db = await _host.OpenAsync())
        {
            await db
                .ModelProfiles.Where(p => p.Id == profile)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.Limits.ConcurrentCalls, 1), Stop);
        }

        _host.Get<ModelProfiles>().Drop(profile);
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeFalse("the call of before counts");
        _lanes.Release(profile);
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
    }

    [Fact]
    public async Task TryTake_ProfileUnderManyHands_NeverExceedsItsLanes()
    {
        var profile = await AddAsync(limits => limits.ConcurrentCalls = 3);
        var (open, most, done) = (0, 0, 0);
        await Parallel.ForAsync(
            0,
            16,
            Stop,
            async (_, stop) =>
            {
                for (var i = 0; i < 200; i++)
                {
                    var seen = _lanes.Freed.Count;
                    while (!await _lanes.TryTakeAsync(profile, stop))
                    {
                        // Nobody's waiting is lost, or this never ends.
                        await _lanes.Freed.WaitAsync(seen, stop);
                        seen = _lanes.Freed.Count;
                    }

                    var now = Interlocked.Increment(ref open);
                    InterlockedMax(ref most, now);
                    await Task.Yield();
                    Interlocked.Decrement(ref open);
                    Interlocked.Increment(ref done);
                    _lanes.Release(profile);
                }
            }
        );

        most.Should().BeLessThanOrEqualTo(3);
        done.Should().Be(16 * 200);
    }

    [Fact]
    public async Task TryTake_ProfileWithoutLimits_AllocatesNothing()
    {
        var profile = await AddAsync(_ => { });
        (await _lanes.TryTakeAsync(profile, Stop)).Should().BeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            await _lanes.TryTakeAsync(profile, CancellationToken.None);
            _lanes.Succeeded(profile);
            _lanes.Release(profile);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.Should().BeLessThan(1000, "a call in a thousand may allocate, not each");
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private async Task<string> AddAsync(Action<ModelLimits> change) =>
        (await _host.AddProfileAsync(null, Providers.Offline, change: profile => change(profile.Limits))).Id;
}
