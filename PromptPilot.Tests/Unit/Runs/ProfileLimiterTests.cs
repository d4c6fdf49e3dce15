using CsCheck;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class ProfileLimiterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(1);

    private enum Op
    {
        Take,
        Release,
        Succeeded,
        SlowDown,
    }

    /// <summary>Some steps at the same moment, some over whole windows.</summary>
    private static readonly Gen<(int Ms, Op Op)[]> Steps = Gen.Select(
        Gen.Frequency((3, Gen.Const(0)), (6, Gen.Int[1, 3000]), (1, Gen.Int[10_000, 61_000])),
        Gen.Frequency((6, Gen.Const(Op.Take)), (4, Gen.Const(Op.Release)))
    ).Array[0, 120];

    private static readonly Gen<(int Ms, Op Op)[]> StepsWithSlowDowns = Gen.Select(
        Gen.Frequency((3, Gen.Const(0)), (6, Gen.Int[1, 3000])),
        Gen.Frequency((6, Gen.Const(Op.Take)), (4, Gen.Const(Op.Release)), (2, Gen.Const(Op.Succeeded)), (1, Gen.Const(Op.SlowDown)))
    ).Array[0, 120];

    private static readonly Gen<ModelLimits> Limits = Gen.Select(
        Gen.Int[0, 6],
        Gen.Int[0, 8],
        (calls, perMinute) =>
            new ModelLimits { ConcurrentCalls = calls == 0 ? null : calls, RequestsPerMinute = perMinute == 0 ? null : perMinute }
    );

    [Fact]
    public void TryTake_AnyTimings_TakesExactlyWhenLimitsAllow() =>
        Gen.Select(Limits, Steps)
            .Sample(
                (limits, steps) =>
                {
                    var limiter = new ProfileLimiter();
                    var (now, open, starts) = (Start, 0, new List<TimeSpan>());
                    foreach (var (ms, op) in steps)
                    {
                        now += TimeSpan.FromMilliseconds(ms);
                        if (op == Op.Take)
                        {
                            var allowed =
                                open < (limits.ConcurrentCalls ?? int.MaxValue)
                                && starts.Count(start => now - start < TimeSpan.FromSeconds(60))
                                    < (limits.RequestsPerMinute ?? int.MaxValue);
                            (limiter.Free(limits, now) > 0).Should().Be(allowed);
                            limiter.TryAcquire(limits, now).Should().Be(allowed);
                            if (allowed)
                            {
                                open++;
                                starts.Add(now);
                            }
                        }
                        else if (open > 0)
                        {
                            open--;
                            limiter.Release();
                        }
                    }
                }
            );

    [Fact]
    public void Release_OfACallThatWasNotMade_GivesItsPartOfTheMinuteBack()
    {
        var (limiter, limits) = (new ProfileLimiter(), new ModelLimits { RequestsPerMinute = 2 });
        limiter.TryAcquire(limits, Start).Should().BeTrue();
        limiter.TryAcquire(limits, Start + Second).Should().BeTrue();
        limiter.TryAcquire(limits, Start + Second).Should().BeFalse();

        limiter.Release(wasCalled: false).Should().BeTrue("a run may be waiting");

        limiter.OpensAt(limits, Start + Second).Should().BeNull();
        limiter.TryAcquire(limits, Start + (2 * Second)).Should().BeTrue();
        limiter.Release();
        limiter.Release();
        limiter.TryAcquire(limits, Start + (3 * Second)).Should().BeFalse("two calls were made");
        limiter.OpensAt(limits, Start + (3 * Second)).Should().Be(Start + ProfileLimiter.Window);
    }

    [Fact]
    public void TryTake_SlowDownsToo_NeverExceedsLimitsInAnyWindow() =>
        Gen.Select(Limits, StepsWithSlowDowns)
            .Sample(
                (limits, steps) =>
                {
                    var limiter = new ProfileLimiter();
                    var (now, open, starts) = (Start, 0, new List<TimeSpan>());
                    foreach (var (ms, op) in steps)
                    {
                        now += TimeSpan.FromMilliseconds(ms);
                        switch (op)
                        {
                            case Op.Take when limiter.TryAcquire(limits, now):
                                open++;
                                starts.Add(now);
                                break;
                            case Op.Release when open > 0:
                                open--;
                                limiter.Release();
                                break;
                            case Op.Succeeded:
                                limiter.Succeeded(now);
                                break;
                            case Op.SlowDown:
                                limiter.SlowDown(null, now);
                                limiter.TryAcquire(limits, now).Should().BeFalse("it was slowed down this moment");
                                break;
                        }

                        open.Should().BeLessThanOrEqualTo(limits.ConcurrentCalls ?? int.MaxValue);
                    }

                    foreach (var start in starts)
                    {
                        starts
                            .Count(other => other >= start && other - start < TimeSpan.FromSeconds(60))
                            .Should()
                            .BeLessThanOrEqualTo(limits.RequestsPerMinute ?? int.MaxValue);
                    }
                }
            );

    [Fact]
    public void OpensAt_NothingOpenAndRefused_IsTheFirstMomentThatTakes() =>
        Gen.Select(Limits, StepsWithSlowDowns)
            .Sample(
                (limits, steps) =>
                {
                    var limiter = new ProfileLimiter();
                    var (now, open) = (Start, 0);
                    foreach (var (ms, op) in steps)
                    {
                        now += TimeSpan.FromMilliseconds(ms);
                        switch (op)
                        {
                            case Op.Take when limiter.TryAcquire(limits, now):
                                open++;
                                break;
                            case Op.Release when open > 0:
                                open--;
                                limiter.Release();
                                break;
                            case Op.SlowDown:
                                limiter.SlowDown(null, now);
                                break;
                        }
                    }

                    for (; open > 0; open--)
                    {
                        limiter.Release();
                    }

                    var opens = limiter.OpensAt(limits, now);
                    (limiter.Free(limits, now) > 0).Should().Be(opens is null);
                    if (opens is { } at)
                    {
                        limiter.TryAcquire(limits, at - TimeSpan.FromTicks(1)).Should().BeFalse();
                        limiter.TryAcquire(limits, at).Should().BeTrue();
                    }
                }
            );

    [Fact]
    public void OpensAt_OnlyAReleaseHelps_IsNull()
    {
        var limiter = new ProfileLimiter();
        var limits = new ModelLimits { ConcurrentCalls = 1 };
        limiter.TryAcquire(limits, Start).Should().BeTrue();

        limiter.TryAcquire(limits, Start).Should().BeFalse();
        limiter.OpensAt(limits, Start).Should().BeNull();
    }

    [Fact]
    public void Limits_Lowered_CountAtOnceWithWhatIsOpen()
    {
        var limiter = new ProfileLimiter();
        for (var i = 0; i < 5; i++)
        {
            limiter.TryAcquire(null, Start).Should().BeTrue();
        }

        var limits = new ModelLimits { ConcurrentCalls = 3 };
        for (var i = 0; i < 2; i++)
        {
            limiter.TryAcquire(limits, Start).Should().BeFalse();
            limiter.Release();
        }

        limiter.TryAcquire(limits, Start).Should().BeFalse("three are open");
        limiter.Release();
        limiter.TryAcquire(limits, Start).Should().BeTrue();
    }

    [Fact]
    public void OpensAt_RequestsAMinuteLowered_WaitsUntilEnoughLeftTheWindow()
    {
        var limiter = new ProfileLimiter();
        var four = new ModelLimits { RequestsPerMinute = 4 };
        for (var i = 0; i < 4; i++)
        {
            limiter.TryAcquire(four, Start + i * Second).Should().BeTrue();
        }

        limiter
            .OpensAt(new ModelLimits { RequestsPerMinute = 2 }, Start + 10 * Second)
            .Should()
            .Be(Start + 2 * Second + ProfileLimiter.Window);
    }

    [Fact]
    public void SlowDown_WithRetryAfter_ClosesForThatLong()
    {
        var limiter = new ProfileLimiter();

        limiter.SlowDown(7 * Second, Start);

        limiter.OpensAt(null, Start).Should().Be(Start + 7 * Second);
        limiter.TryAcquire(null, Start + 6.9 * Second).Should().BeFalse();
        limiter.TryAcquire(null, Start + 7 * Second).Should().BeTrue();
    }

    [Fact]
    public void SlowDown_RetryAfterOfYears_ClosesForAnHour()
    {
        var limiter = new ProfileLimiter();

        limiter.SlowDown(TimeSpan.MaxValue / 4, Start);

        limiter.OpensAt(null, Start).Should().Be(Start + SlowDownState.LongestRetryAfter);
    }

    [Fact]
    public void SlowDown_AgainAndAgain_DoublesUpToAMinuteUntilACallSucceeds()
    {
        var limiter = new ProfileLimiter();
        var now = Start;
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            limiter.SlowDown(null, now);
            var opens = limiter.OpensAt(null, now)!.Value;
            waits.Add((opens - now).TotalSeconds);
            now = opens;
        }

        waits.Should().Equal(1, 2, 4, 8, 16, 32, 60, 60, 60);
        limiter.Succeeded(now);
        limiter.SlowDown(null, now);
        limiter.OpensAt(null, now).Should().Be(now + Second);
    }

    [Fact]
    public void SlowDown_OfManyCallsInFlight_CountsOnce()
    {
        var limiter = new ProfileLimiter();
        Take(limiter, 8, Start);
        for (var i = 0; i < 8; i++)
        {
            limiter.SlowDown(null, Start + i * 0.01 * Second);
            limiter.Release();
        }

        var reopened = Start + Second;
        limiter.OpensAt(null, Start + 0.5 * Second).Should().Be(reopened);
        limiter.Free(null, reopened).Should().Be(4, "it halves once");
        limiter.SlowDown(null, reopened);
        limiter.OpensAt(null, reopened).Should().Be(reopened + 2 * Second, "it had doubled once");
    }

    [Fact]
    public void SlowDown_LaterRetryAfterWhileClosed_ClosesUntilTheLater()
    {
        var limiter = new ProfileLimiter();
        limiter.SlowDown(5 * Second, Start);

        limiter.SlowDown(2 * Second, Start + Second);
        limiter.OpensAt(null, Start + Second).Should().Be(Start + 5 * Second);
        limiter.SlowDown(9 * Second, Start + Second);
        limiter.OpensAt(null, Start + Second).Should().Be(Start + 10 * Second);
    }

    [Fact]
    public void Succeeded_AfterSlowDown_LetsOneMoreThroughARound()
    {
        var limiter = new ProfileLimiter();
        Take(limiter, 8, Start);
        limiter.SlowDown(Second, Start);
        limiter.Succeeded(Start);
        Release(limiter, 8);
        var now = Start + Second;
        limiter.Free(null, now).Should().Be(4, "what succeeds while it is closed began before");

        for (var i = 0; i < 5; i++)
        {
            limiter.Succeeded(now);
        }

        limiter.Free(null, now).Should().Be(5);
    }

    [Fact]
    public void SlowDown_ForgottenAfterAWhile_LetsAllThrough()
    {
        var limiter = new ProfileLimiter();
        limiter.SlowDown(Second, Start);

        limiter.Free(null, Start + SlowDownState.Memory - Second).Should().Be(1);
        limiter.Free(null, Start + SlowDownState.Memory).Should().Be(int.MaxValue);
    }

    [Fact]
    public void Release_NobodyWasRefused_TellsNobody()
    {
        var limiter = new ProfileLimiter();
        var limits = new ModelLimits { ConcurrentCalls = 1 };
        limiter.TryAcquire(limits, Start);
        limiter.Release().Should().BeFalse();

        limiter.TryAcquire(limits, Start);
        limiter.TryAcquire(limits, Start).Should().BeFalse();
        limiter.Release().Should().BeTrue("one was refused");
    }

    private static void Take(ProfileLimiter limiter, int calls, TimeSpan now)
    {
        for (var i = 0; i < calls; i++)
        {
            limiter.TryAcquire(null, now).Should().BeTrue();
        }
    }

    private static void Release(ProfileLimiter limiter, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            limiter.Release();
        }
    }
}
