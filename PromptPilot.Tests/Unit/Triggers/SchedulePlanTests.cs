using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;

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

    [Theory]
    [InlineData("*/5 * * * *", -2 * 24 * 60, 0, "a clock set back by days was wrong: what it shows now counts")]
    [InlineData("*/5 * * * *", -60, 0, "what comes each five minutes goes on")]
    [InlineData("*/5 * * * *", 0, 0, "nothing happened")]
    [InlineData("0 12 * * *", -4 * 60, 0, "so was one by four hours")]
    [InlineData("0 12 * * *", -60, 60, "by an hour, what was started today does not start again")]
    [InlineData("0 12 * * *", 0, 0, "nothing happened")]
    public void NextAfterSetBack_GoesByTheNewTime_OrPassesOverWhatWasStarted(string cron, int setByMinutes, int afterMinutes, string why)
    {
        // Fired at 12:00, two minutes before the clock was set.
        var calendar = ScheduleCalendar.Of(new ScheduleSettings { Cron = cron, TimeZone = "UTC" }).Value;
        var (lastFired, now) = (Now.AddMinutes(-2), Now.AddMinutes(setByMinutes));
        var planned = calendar.NextAfter(Now)!.Value;

        var next = SchedulePlan.NextAfterSetBack(calendar, planned, lastFired, now);

        next.Should().Be(calendar.NextAfter(now.AddMinutes(afterMinutes)), why);
    }

    [Fact]
    public void NextAfterSetBack_OfOneThatWasNeverStarted_GoesByTheNewTime() =>
        SchedulePlan
            .NextAfterSetBack(Calendar(MisfirePolicy.Skip), Now.AddDays(2), null, Now)
            .Should()
            .Be(new DateTime(2026, 5, 1, 12, 5, 0, DateTimeKind.Utc));

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
