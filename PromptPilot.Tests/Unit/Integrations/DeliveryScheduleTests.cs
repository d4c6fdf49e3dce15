using PromptPilot.Core.Integrations;

namespace PromptPilot.Tests.Unit.Integrations;

public sealed class DeliveryScheduleTests
{
    private static readonly DateTime Now = new(2026, 11, 23, 9, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(AttemptVerdict.Timeout)]
    [InlineData(AttemptVerdict.Unreachable)]
    [InlineData(AttemptVerdict.RateLimited)]
    [InlineData(AttemptVerdict.ServerError)]
    [InlineData(AttemptVerdict.NotReady)]
    public void Transient_IsTriedTenTimes_BySchedule(AttemptVerdict verdict)
    {
        var (at, waits) = (Now, new List<string>());
        for (var failures = 0; failures < 9; failures++)
        {
            var fate = DeliverySchedule.After(new AttemptOutcome(verdict, ""), failures, at);
            fate.State.Should().Be(DeliveryState.Pending);
            waits.Add($"{(fate.NextAttemptAt!.Value - at).TotalSeconds}");
            at = fate.NextAttemptAt.Value;
        }

        waits.Should().Equal("5", "300", "1800", "7200", "18000", "36000", "50400", "72000", "86400");
        DeliverySchedule.After(new AttemptOutcome(verdict, ""), 9, at).Should().Be(new DeliveryOutcome(DeliveryState.Failed, null));
    }

    [Theory]
    [InlineData(AttemptVerdict.Rejected, false)]
    [InlineData(AttemptVerdict.Redirected, false)]
    [InlineData(AttemptVerdict.AddressRefused, false)]
    [InlineData(AttemptVerdict.Gone, true)]
    public void Permanent_EndsAtOnce(AttemptVerdict verdict, bool disables) =>
        DeliverySchedule
            .After(new AttemptOutcome(verdict, ""), 0, Now)
            .Should()
            .Be(new DeliveryOutcome(DeliveryState.Failed, null, disables));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(600, 600)]
    [InlineData(100_000_000, 7 * 24 * 3600)]
    public void RetryAfter_MakesTheWaitLonger_NeverShorter_AndNotForEver(int asked, int expected) =>
        DeliverySchedule
            .After(new AttemptOutcome(AttemptVerdict.RateLimited, "", RetryAfter: TimeSpan.FromSeconds(asked)), 0, Now)
            .NextAttemptAt.Should()
            .Be(Now.AddSeconds(expected));
}
