using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;

namespace PromptPilot.Tests.Unit.Triggers;

public class SchedulePlanTests
{
    private static readonly DateTime Now = new(2026, 5, 1, 12, 2, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(MisfirePolicy.Skip, 0, 36)]
    [InlineData(MisfirePolicy.Once, 1, 35)]
    [InlineData(MisfirePolicy.All, 10, 26)]
    public void DownForThreeHours_WithAFiveMinuteSchedule_CatchesUpAsChosen_AndListsTheRest(MisfirePolicy policy, int started, int missed)
    {
        var plan = Plan(policy, Now.AddHours(-3).AddMinutes(3));

        plan.Firings.Count(firing => firing.Outcome == FiringOutcome.Starting).Should().Be(started);
        plan.Firings.Count(firing => firing.Outcome == FiringOutcome.Missed).Should().Be(missed);
        plan.Firings.Should().OnlyContain(firing => firing.Reason != null).And.BeInAscendingOrder(firing => firing.DueAt);
        plan.Firings.SkipLast(started)
            .Should()
            .OnlyContain(firing => firing.Outcome == FiringOutcome.Missed, "the newest are caught up with");
        plan.NextAt.Should().Be(new DateTime(2026, 5, 1, 12, 5, 0, DateTimeKind.Utc));
    }

    [Fact]
    public void InTime_Starts_AndStandsForWhatWasMissedOnce()
    {
        var plan = SchedulePlan.Of(
            Settings(MisfirePolicy.Once),
            Calendar(MisfirePolicy.Once),
            Now.AddMinutes(-12),
            Now.AddMinutes(3).AddSeconds(1),
            TimeSpan.FromSeconds(30)
        );

        plan.Firings.Where(firing => firing.Outcome == FiringOutcome.Starting).Should().ContainSingle().Which.Reason.Should().BeNull();
    }

    [Fact]
    public void DownForYears_IsBounded_AndTheOldestRowStandsForAllBefore()
    {
        var plan = Plan(MisfirePolicy.Skip, Now.AddYears(-1).AddMinutes(3));

        plan.Firings.Should().HaveCount(SchedulePlan.MostMissed);
        plan.Firings.Sum(firing => firing.Count).Should().Be(365 * 24 * 12);
    }

    private static SchedulePlan Plan(MisfirePolicy policy, DateTime dueAt) =>
        SchedulePlan.Of(Settings(policy), Calendar(policy), dueAt, Now, TimeSpan.FromSeconds(30));

    private static ScheduleSettings Settings(MisfirePolicy policy) =>
        new()
        {
            Cron = "*/5 * * * *",
            TimeZone = "UTC",
            Misfire = policy,
        };

    private static ScheduleCalendar Calendar(MisfirePolicy policy) => ScheduleCalendar.Of(Settings(policy)).Value;
}
