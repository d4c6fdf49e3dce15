using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>A profile that steps have left for a fallback is tried again by one call a minute.</summary>
public sealed class ProfileOutageTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ProfileLimiter _limiter = new();

    [Fact]
    public void MayTry_IsTrueForOneCallerAMinute()
    {
        _limiter.TakeOut(Outage(1), null, Start);

        _limiter.MayTry(Start + Minute - TimeSpan.FromMilliseconds(1)).Should().BeFalse();
        _limiter.MayTry(Start + Minute).Should().BeTrue();
        _limiter.MayTry(Start + Minute).Should().BeFalse();
        _limiter.MayTry(Start + (2 * Minute)).Should().BeTrue();
    }

    [Theory]
    [InlineData(30, 60)]
    [InlineData(300, 300)]
    [InlineData(90_000, 3600)]
    public void MayTry_AfterWhatTheProviderAskedFor_FromAMinuteToAnHour(int asked, int seconds)
    {
        _limiter.TakeOut(Outage(1), TimeSpan.FromSeconds(asked), Start);

        _limiter.MayTry(Start + TimeSpan.FromSeconds(seconds - 1)).Should().BeFalse();
        _limiter.MayTry(Start + TimeSpan.FromSeconds(seconds)).Should().BeTrue();
    }

    [Fact]
    public void Succeeded_OfACallFromBefore_DoesNotEndTheOutage()
    {
        _limiter.TakeOut(Outage(1), null, Start);
        _limiter.Succeeded(Start + TimeSpan.FromSeconds(5));
        _limiter.Outage.Should().Be(Outage(1));

        _limiter.MayTry(Start + Minute).Should().BeTrue();
        _limiter.Succeeded(Start + Minute);
        _limiter.Outage.Should().BeNull();
    }

    [Fact]
    public void TakeOut_AgainAfterATry_IsTheSameOutage()
    {
        _limiter.TakeOut(Outage(1), null, Start);
        _limiter.MayTry(Start + Minute).Should().BeTrue();
        _limiter.TakeOut(Outage(2), null, Start + Minute);

        _limiter.Outage.Should().Be(Outage(1));
        _limiter.MayTry(Start + (2 * Minute) - TimeSpan.FromMilliseconds(1)).Should().BeFalse();
    }

    [Fact]
    public void TakeOut_LeavesCallersWithoutAFallbackAlone()
    {
        _limiter.TakeOut(Outage(1), null, Start);

        _limiter.TryAcquire(null, Start).Should().BeTrue();
    }

    private static ProfileOutage Outage(int day) => new("p", new DateTime(2026, 1, day, 0, 0, 0, DateTimeKind.Utc), ErrorCode.Unreachable);
}
