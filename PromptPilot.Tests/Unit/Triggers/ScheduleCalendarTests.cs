using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Triggers;

public class ScheduleCalendarTests
{
    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("Australia/Lord_Howe")]
    public void Hourly_OverAYear_IsDueEachHourOfRealTime(string zone)
    {
        var calendar = Calendar("0 * * * *", zone);
        var from = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(-1);
        var times = Until(calendar, from, from.AddDays(365)).ToList();

        // Where clocks change by half an hour, so does the full hour.
        times.Should().HaveCount(8760);
        var steps = times
            .Zip(times.Skip(1), (one, next) => next - one)
            .GroupBy(step => step)
            .ToDictionary(steps => steps.Key, steps => steps.Count());
        steps.GetValueOrDefault(TimeSpan.FromHours(1)).Should().BeGreaterThanOrEqualTo(8757);
        steps.Keys.Should().OnlyContain(step => step >= TimeSpan.FromMinutes(30) && step <= TimeSpan.FromMinutes(90));
    }

    [Theory]
    [InlineData("Europe/Berlin", 2026, 3, 29)]
    [InlineData("Europe/Berlin", 2026, 10, 25)]
    [InlineData("America/New_York", 2026, 3, 8)]
    [InlineData("America/New_York", 2026, 11, 1)]
    [InlineData("Australia/Sydney", 2026, 4, 5)]
    [InlineData("Australia/Sydney", 2026, 10, 4)]
    [InlineData("Australia/Lord_Howe", 2026, 4, 5)]
    [InlineData("Australia/Lord_Howe", 2026, 10, 4)]
    public void Daily_WhereClocksChange_IsDueOnceADay_AtAnyTimeOfDay(string zoneName, int year, int month, int day)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var change = new DateTime(year, month, day);
        zone.GetUtcOffset(change).Should().NotBe(zone.GetUtcOffset(change.AddDays(1)), "clocks change on this day");
        for (var minute = 0; minute < 24 * 60; minute += 15)
        {
            var calendar = Calendar($"{minute % 60} {minute / 60} * * *", zoneName);
            var start = TimeZoneInfo.ConvertTimeToUtc(change.AddDays(-2).AddHours(12), zone);
            var dates = Until(calendar, start, start.AddDays(4))
                .Select(utc => TimeZoneInfo.ConvertTimeFromUtc(utc, zone))
                .GroupBy(local => local.Date)
                .ToDictionary(times => times.Key, times => times.ToList());

            foreach (var date in new[] { change.AddDays(-1), change, change.AddDays(1) })
            {
                var time = dates
                    .Should()
                    .ContainKey(date, $"{minute / 60}:{minute % 60:00} in {zoneName}")
                    .WhoseValue.Should()
                    .ContainSingle()
                    .Subject;
                if (!zone.IsInvalidTime(date.AddMinutes(minute)))
                {
                    time.Should().Be(date.AddMinutes(minute));
                }
            }
        }
    }

    [Fact]
    public void Period_StartsAndEndsWithItsMoments()
    {
        var start = new DateTime(2026, 5, 1, 10, 0, 0, DateTimeKind.Utc);
        var calendar = ScheduleCalendar
            .Of(
                new ScheduleSettings
                {
                    Cron = "0 * * * *",
                    TimeZone = "UTC",
                    StartsAt = start,
                    EndsAt = start.AddHours(2),
                }
            )
            .Value;

        calendar.NextAfter(start.AddYears(-1), 10).Should().Equal(start, start.AddHours(1), start.AddHours(2));
    }

    [Theory]
    [InlineData("* * * *", "Europe/Berlin", "schedule.cron")]
    [InlineData("61 * * * *", "Europe/Berlin", "schedule.cron")]
    [InlineData("0 0 30 2 *", "Europe/Berlin", "schedule.cron")]
    [InlineData("0 9 * * *", "Berlin", "schedule.timeZone")]
    [InlineData("0 9 * * *", "W. Europe Standard Time", "schedule.timeZone")]
    [InlineData("0 9 * * *", "", "schedule.timeZone")]
    public void Nonsense_IsRefusedAtItsField(string cron, string zone, string field) =>
        ScheduleCalendar
            .Of(new ScheduleSettings { Cron = cron, TimeZone = zone })
            .Problem!.Errors.Should()
            .Contain(error => error.Field == field);

    private static ScheduleCalendar Calendar(string cron, string zone) =>
        ScheduleCalendar.Of(new ScheduleSettings { Cron = cron, TimeZone = zone }).Value;

    private static IEnumerable<DateTime> Until(ScheduleCalendar calendar, DateTime from, DateTime to)
    {
        for (var next = calendar.NextAfter(from); next is { } time && time <= to; next = calendar.NextAfter(time))
        {
            yield return time;
        }
    }
}
