using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Schedules;

/// <summary>The list of schedules as its address filters and sorts it.</summary>
/// <param name="State"><c>on</c> or <c>paused</c>.</param>
/// <param name="Sort">A <see cref="ScheduleSort"/>.</param>
public sealed record SchedulesQuery(string? Text, string? State, string? Sort)
{
    internal ScheduleFilter ToFilter() =>
        new(
            Text: Text,
            Enabled: State switch
            {
                "on" => true,
                "paused" => false,
                _ => null,
            },
            Sort: QueryWord.Enum<ScheduleSort>(Sort) ?? ScheduleSort.Oldest
        );
}
