using CsCheck;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Execution;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class ProfileLaneTests
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
                    var lane = new ProfileLane();
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
                            (lane.Free(limits, now) > 0).Should().Be(allowed);
                            lane.TryTake(limits, now).Should().Be(allowed);
                            if (allowed)
                            {
                                open++;
                                starts.Add(now);
                            }
                        }
                        else if (open > 0)
                        {
                            open--;
                            lane.Release();
                        }
                    }
                }
            );

    [Fact]
    public void TryTake_SlowDownsToo_NeverExceedsLimitsInAnyWindow() =>
        Gen.Select(Limits, StepsWithSlowDowns)
            .Sample(
                (limits, steps) =>
                {
                    var lane = new ProfileLane();
                    var (now, open, starts) = (Start, 0, new List<TimeSpan>());
                    foreach (var (ms, op) in steps)
                    {
                        now += TimeSpan.FromMilliseconds(ms);
                        switch (op)
                        {
                            case Op.Take when lane.TryTake(limits, now):
                                open++;
                                starts.Add(now);
                                break;
                            case Op.Release when open > 0:
                                open--;
                                lane.Release();
                                break;
                            case Op.Succeeded:
                                lane.Succeeded(now);
                                break;
                            case Op.SlowDown:
                                lane.SlowDown(null, now);
                                lane.TryTake(limits, now).Should().BeFalse("it was slowed down this moment");
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
                    var lane = new ProfileLane();
                    var (now, open) = (Start, 0);
                    foreach (var (ms, op) in steps)
                    {
                        now += TimeSpan.FromMilliseconds(ms);
                        switch (op)
                        {
                            case Op.Take when lane.TryTake(limits, now):
                                open++;
                                break;
                            case Op.Release when open > 0:
                                open--;
                                lane.Release();
                                break;
                            case Op.SlowDown:
                                lane.SlowDown(null, now);
                                break;
                        }
                    }

                    for (; open > 0; open--)
                    {
                        lane.Release();
                    }

                    var opens = lane.OpensAt(limits, now);
                    (lane.Free(limits, now) > 0).Should().Be(opens is null);
                    if (opens is { } at)
                    {
                        lane.TryTake(limits, at - TimeSpan.FromTicks(1)).Should().BeFalse();
                        lane.TryTake(limits, at).Should().BeTrue();
                    }
                }
            );

    [Fact]
    public void OpensAt_OnlyAReleaseHelps_IsNull()
    {
        var lane = new ProfileLane();
        var limits = new ModelLimits { ConcurrentCalls = 1 };
        lane.TryTake(limits, Start).Should().BeTrue();

        lane.TryTake(limits, Start).Should().BeFalse();
        lane.OpensAt(limits, Start).Should().BeNull();
    }

    [Fact]
    public void Limits_Lowered_CountAtOnceWithWhatIsOpen()
    {
        var lane = new ProfileLane();
        for (var i = 0; i < 5; i++)
        {
            lane.TryTake(null, Start).Should().BeTrue();
        }

        var limits = new ModelLimits { ConcurrentCalls = 3 };
        for (var i = 0; i < 2; i++)
        {
            lane.TryTake(limits, Start).Should().BeFalse();
            lane.Release();
        }

        lane.TryTake(limits, Start).Should().BeFalse("three are open");
        lane.Release();
        lane.TryTake(limits, Start).Should().BeTrue();
    }

    [Fact]
    public void OpensAt_RequestsAMinuteLowered_WaitsUntilEnoughLeftTheWindow()
    {
        var lane = new ProfileLane();
        var four = new ModelLimits { RequestsPerMinute = 4 };
        for (var i = 0; i < 4; i++)
        {
            lane.TryTake(four, Start + i * Second).Should().BeTrue();
        }

        lane.OpensAt(new ModelLimits { RequestsPerMinute = 2 }, Start + 10 * Second).Should().Be(Start + 2 * Second + ProfileLane.Window);
    }

    [Fact]
    public void SlowDown_WithRetryAfter_ClosesForThatLong()
    {
        var lane = new ProfileLane();

        lane.SlowDown(7 * Second, Start);

        lane.OpensAt(null, Start).Should().Be(Start + 7 * Second);
        lane.TryTake(null, Start + 6.9 * Second).Should().BeFalse();
        lane.TryTake(null, Start + 7 * Second).Should().BeTrue();
    }

    [Fact]
    public void SlowDown_RetryAfterOfYears_ClosesForAnHour()
    {
        var lane = new ProfileLane();

        lane.SlowDown(TimeSpan.MaxValue / 4, Start);

        lane.OpensAt(null, Start).Should().Be(Start + ProfileLane.LongestRetryAfter);
    }

    [Fact]
    public void SlowDown_AgainAndAgain_DoublesUpToAMinuteUntilACallSucceeds()
    {
        var lane = new ProfileLane();
        var now = Start;
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            lane.SlowDown(null, now);
            var opens = lane.OpensAt(null, now)!.Value;
            waits.Add((opens - now).TotalSeconds);
            now = opens;
        }

        waits.Should().Equal(1, 2, 4, 8, 16, 32, 60, 60, 60);
        lane.Succeeded(now);
        lane.SlowDown(null, now);
        lane.OpensAt(null, now).Should().Be(now + Second);
    }

    [Fact]
    public void SlowDown_OfManyCallsInFlight_CountsOnce()
    {
        var lane = new ProfileLane();
        Take(lane, 8, Start);
        for (var i = 0; i < 8; i++)
        {
            lane.SlowDown(null, Start + i * 0.01 * Second);
            lane.Release();
        }

        var reopened = Start + Second;
        lane.OpensAt(null, Start + 0.5 * Second).Should().Be(reopened);
        lane.Free(null, reopened).Should().Be(4, "it halves once");
        lane.SlowDown(null, reopened);
        lane.OpensAt(null, reopened).Should().Be(reopened + 2 * Second, "it had doubled once");
    }

    [Fact]
    public void SlowDown_LaterRetryAfterWhileClosed_ClosesUntilTheLater()
    {
        var lane = new ProfileLane();
        lane.SlowDown(5 * Second, Start);

        lane.SlowDown(2 * Second, Start + Second);
        lane.OpensAt(null, Start + Second).Should().Be(Start + 5 * Second);
        lane.SlowDown(9 * Second, Start + Second);
        lane.OpensAt(null, Start + Second).Should().Be(Start + 10 * Second);
    }

    [Fact]
    public void Succeeded_AfterSlowDown_LetsOneMoreThroughARound()
    {
        var lane = new ProfileLane();
        Take(lane, 8, Start);
        lane.SlowDown(Second, Start);
        lane.Succeeded(Start);
        Release(lane, 8);
        var now = Start + Second;
        lane.Free(null, now).Should().Be(4, "what succeeds while it is closed began before");

        for (var i = 0; i < 5; i++)
        {
            lane.Succeeded(now);
        }

        lane.Free(null, now).Should().Be(5);
    }

    [Fact]
    public void SlowDown_ForgottenAfterAWhile_LetsAllThrough()
    {
        var lane = new ProfileLane();
        lane.SlowDown(Second, Start);

        lane.Free(null, Start + ProfileLane.Memory - Second).Should().Be(1);
        lane.Free(null, Start + ProfileLane.Memory).Should().Be(int.MaxValue);
    }

    [Fact]
    public void Release_NobodyWasRefused_TellsNobody()
    {
        var lane = new ProfileLane();
        var limits = new ModelLimits { ConcurrentCalls = 1 };
        lane.TryTake(limits, Start);
        lane.Release().Should().BeFalse();

        lane.TryTake(limits, Start);
        lane.TryTake(limits, Start).Should().BeFalse();
        lane.Release().Should().BeTrue("one was refused");
    }

    private static void Take(ProfileLane lane, int calls, TimeSpan now)
    {
        for (var i = 0; i < calls; i++)
        {
            lane.TryTake(null, now).Should().BeTrue();
        }
    }

    private static void Release(ProfileLane lane, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            lane.Release();
        }
    }
}
