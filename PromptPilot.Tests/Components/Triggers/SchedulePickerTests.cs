using AngleSharp.Dom;
using Bunit;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Triggers.Schedules;

namespace PromptPilot.Tests.Components.Triggers;

/// <summary>A recurrence built by clicking: what is clicked is what stands in the expression.</summary>
public sealed class SchedulePickerTests : ComponentTest
{
    private int _changes;

    [Fact]
    public void Weekly_WithDaysAndTimeClicked_GivesTheirExpression_AndKeepsOneDay()
    {
        var (pick, picker) = Show(Recurrence.Weekly);

        picker.Find("[data-testid=day-3]").Change(true);
        picker.Find("[data-testid=day-1]").Change(false);
        picker.Find("[data-testid=time]").Change("18:30");
        pick.Cron.Should().Be("30 18 * * 3");

        picker.Find("[data-testid=day-3]").Change(false);
        pick.Cron.Should().Be("30 18 * * 3", "a week without a day fires never");
        _changes.Should().Be(4);
    }

    [Theory]
    [InlineData(Recurrence.Minutes, "step", "5", "*/5 * * * *")]
    [InlineData(Recurrence.Hourly, "past", "20", "20 * * * *")]
    [InlineData(Recurrence.MonthlyDay, "month-day", "0", "0 9 L * *")]
    [InlineData(Recurrence.MonthlyWeekday, "place", "L", "0 9 * * 1L")]
    [InlineData(Recurrence.MonthlyWeekday, "place-day", "5", "0 9 * * 5#1")]
    [InlineData(Recurrence.Weekdays, "time", "07:05", "5 7 * * 1-5")]
    [InlineData(Recurrence.Weekdays, "time", "no time", "0 9 * * 1-5")]
    public void Part_Chosen_ChangesTheExpression(Recurrence recurrence, string part, string value, string cron)
    {
        var (pick, picker) = Show(recurrence);

        picker.Find($"[data-testid={part}]").Change(value);

        pick.Cron.Should().Be(cron);
        _changes.Should().Be(1);
    }

    [Fact]
    public void Cron_Typed_IsTakenLetterByLetter_AndItsErrorStandsAtTheField()
    {
        var (pick, picker) = Show(Recurrence.Cron, "A cron expression has five fields.");

        picker.Find("[data-testid=cron]").Input("0 9 *");

        pick.Cron.Should().Be("0 9 *");
        var field = picker.Find("[data-testid=cron]");
        field.GetAttribute("aria-invalid").Should().Be("true");
        field
            .GetAttribute("aria-describedby")!
            .Split(' ')
            .Select(id => picker.Find($"#{id}").TextContent)
            .Should()
            .Contain("A cron expression has five fields.");
    }

    [Fact]
    public void Recurrences_ShowTheirOwnPartsOnly()
    {
        var parts = Enum.GetValues<Recurrence>()
            .ToDictionary(
                recurrence => recurrence,
                recurrence => Show(recurrence).Picker.FindAll("input, select").Select(field => field.GetAttribute("data-testid")).ToList()
            );

        parts[Recurrence.Daily].Should().Equal("time");
        parts[Recurrence.Minutes].Should().Equal("step");
        parts[Recurrence.Weekly].Should().Equal("day-1", "day-2", "day-3", "day-4", "day-5", "day-6", "day-0", "time");
        parts[Recurrence.MonthlyWeekday].Should().Equal("place", "place-day", "time");
    }

    private (SchedulePick Pick, IRenderedComponent<SchedulePicker> Picker) Show(Recurrence recurrence, string? error = null)
    {
        var pick = new SchedulePick { Recurrence = recurrence };
        return (
            pick,
            Render<SchedulePicker>(p => p.Add(c => c.Pick, pick).Add(c => c.Error, error).Add(c => c.OnChange, () => _changes++))
        );
    }
}
