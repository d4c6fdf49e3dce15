using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Triggers.Schedules;

namespace PromptPilot.Tests.Unit.Triggers;

public class SchedulePickTests
{
    [Theory]
    [InlineData("* * * * *", "Every minute")]
    [InlineData("*/15 * * * *", "Every 15 minutes")]
    [InlineData("0 * * * *", "Every hour, on the hour")]
    [InlineData("20 * * * *", "Every hour, 20 past")]
    [InlineData("5 7 * * *", "Every day at 7:05")]
    [InlineData("0 9 * * 1-5", "Every weekday at 9:00")]
    [InlineData("30 18 * * 0,3", "Every Wednesday, Sunday at 18:30")]
    [InlineData("0 6 15 * *", "Day 15 of each month at 6:00")]
    [InlineData("0 6 L * *", "The last day of each month at 6:00")]
    [InlineData("0 9 * * 1#1", "The first Monday of each month at 9:00")]
    [InlineData("0 9 * * 5L", "The last Friday of each month at 9:00")]
    [InlineData("0 9 1 1 *", "0 9 1 1 *")]
    [InlineData("*/7 * * * *", "*/7 * * * *")]
    public void Cron_IsReadAsItCouldBeClicked_SaidInWords_AndWrittenBackTheSame(string cron, string words)
    {
        var pick = SchedulePick.From(cron);

        pick.Words().Should().Be(words);
        pick.Cron.Should().Be(cron);
    }

    [Fact]
    public void Form_WithWhatCannotBeRead_SaysSoAtItsFields_AndDoesNotTakeItForNothing()
    {
        var form = new ScheduleForm([], null)
        {
            Start = "tomorrow",
            End = "x",
            Misfire = MisfirePolicy.All,
            CatchUpLimit = "many",
        };

        form.Read()
            .Problem!.Errors.Select(error => error.Field)
            .Should()
            .Equal("schedule.catchUpLimit", "schedule.startsAt", "schedule.endsAt");
    }

    [Fact]
    public void Form_OfASchedule_GivesTheSameBack()
    {
        var schedule = new ScheduleSettings
        {
            Cron = "0 9 * * 1#1",
            TimeZone = "Europe/Berlin",
            Misfire = MisfirePolicy.All,
            CatchUpLimit = 7,
            Overlap = OverlapPolicy.Queue,
            StartsAt = new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc),
            EndsAt = new DateTime(2026, 8, 1, 8, 0, 0, DateTimeKind.Utc),
        };

        new ScheduleForm(
            [],
            new Trigger
            {
                WorkflowId = "w",
                Type = TriggerType.Scheduled,
                Enabled = true,
                Schedule = schedule,
            }
        ).Read().Value.Schedule.Should().Be(schedule);
    }
}
