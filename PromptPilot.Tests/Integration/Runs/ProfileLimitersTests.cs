using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Tests.Integration.Models;

namespace PromptPilot.Tests.Integration.Runs;

public sealed class ProfileLimitersTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private ModelsHost _host = null!;
    private ProfileLimiters _limiters = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ModelsHost.StartAsync();
        _limiters = new ProfileLimiters(_host.Get<ModelProfiles>(), new LocalCallSlots(), _time);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task TryTake_ProfileFull_RefusesUntilOneEndsAndTellsWaiters()
    {
        var profile = await AddAsync(limits => limits.ConcurrentCalls = 2);
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
        var seen = _limiters.Freed.Count;

        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeFalse();
        _limiters.HasRoom(profile).Should().BeFalse();
        _limiters.OpensAt(profile).Should().BeNull();
        var freed = _limiters.Freed.WaitAsync(seen, Stop);
        freed.IsCompleted.Should().BeFalse();

        _limiters.Release(profile);
        await freed;
        _limiters.HasRoom(profile).Should().BeTrue();
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
    }

    [Fact]
    public async Task SlowDown_OfOneProfile_LeavesOthersAlone()
    {
        var slow = await AddAsync(_ => { });
        var other = await AddAsync(_ => { });

        _limiters.SlowDown(slow, TimeSpan.FromSeconds(20));

        (await _limiters.TryAcquireAsync(slow, Stop)).Should().BeFalse();
        _limiters.OpensAt(slow).Should().Be(_time.GetUtcNow().UtcDateTime.AddSeconds(20) + ProfileLimiters.Tick);
        (await _limiters.TryAcquireAsync(other, Stop)).Should().BeTrue();
        _limiters.HasRoom(other).Should().BeTrue();
        _limiters.OpensAt(other).Should().BeNull();

        _time.Advance(TimeSpan.FromSeconds(20));
        (await _limiters.TryAcquireAsync(slow, Stop)).Should().BeTrue();
    }

    [Fact]
    public async Task TryTake_RequestsAMinuteUsedUp_OpensWhenTheFirstLeavesTheWindow()
    {
        var profile = await AddAsync(limits => limits.RequestsPerMinute = 2);
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
        _time.Advance(TimeSpan.FromSeconds(10));
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
        _limiters.Release(profile);
        _limiters.Release(profile);

        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeFalse();
        _limiters.OpensAt(profile).Should().Be(_time.GetUtcNow().UtcDateTime.AddSeconds(50) + ProfileLimiters.Tick);
        _time.Advance(TimeSpan.FromSeconds(50));
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeFalse();
    }

    [Fact]
    public async Task Limits_Changed_CountFromTheNextCall()
    {
        var profile = await AddAsync(_ => { });
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();

        await using (var db = await _host.OpenAsync())
        {
            await db
                .ModelProfiles.Where(p => p.Id == profile)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.Limits.ConcurrentCalls, 1), Stop);
        }

        _host.Get<ModelProfiles>().Drop(profile);
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeFalse("the call of before counts");
        _limiters.Release(profile);
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
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
                    var seen = _limiters.Freed.Count;
                    while (!await _limiters.TryAcquireAsync(profile, stop))
                    {
                        // Nobody's waiting is lost, or this never ends.
                        await _limiters.Freed.WaitAsync(seen, stop);
                        seen = _limiters.Freed.Count;
                    }

                    var now = Interlocked.Increment(ref open);
                    InterlockedMax(ref most, now);
                    await Task.Yield();
                    Interlocked.Decrement(ref open);
                    Interlocked.Increment(ref done);
                    _limiters.Release(profile);
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
        (await _limiters.TryAcquireAsync(profile, Stop)).Should().BeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            await _limiters.TryAcquireAsync(profile, CancellationToken.None);
            _limiters.Succeeded(profile);
            _limiters.Release(profile);
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
