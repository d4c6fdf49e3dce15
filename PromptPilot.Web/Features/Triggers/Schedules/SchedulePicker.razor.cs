using Microsoft.AspNetCore.Components;
using PromptPilot.Web.Components.Controls.Inputs;

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

    private static int Number(ChangeEventArgs change, int current) => Chosen.Number(change.Value as string, current, 0, 59);

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
