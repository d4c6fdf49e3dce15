using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Features.Triggers.Schedules;

public sealed partial class SchedulePicker
{
    private static readonly int[] MondayFirst = [1, 2, 3, 4, 5, 6, 0];

    [Parameter, EditorRequired]
    public SchedulePick Pick { get; set; } = default!;

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public EventCallback OnChange { get; set; }

    private static int Number(ChangeEventArgs change) =>
        int.Parse((string)change.Value!, System.Globalization.CultureInfo.InvariantCulture);

    private void Toggle(int day, bool on)
    {
        _ = on ? Pick.WeekDays.Add(day) : Pick.WeekDays.Count > 1 && Pick.WeekDays.Remove(day);
    }

    private Task SetAsync(Action set)
    {
        set();
        return OnChange.InvokeAsync();
    }
}
