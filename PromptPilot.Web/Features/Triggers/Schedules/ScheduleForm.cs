using System.Globalization;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Start;

namespace PromptPilot.Web.Features.Triggers.Schedules;

/// <summary>The values in the form of a schedule.</summary>
internal sealed class ScheduleForm
{
    private const string LocalFormat = "yyyy-MM-dd'T'HH:mm";

    public ScheduleForm(IReadOnlyList<WorkflowInput> inputs, Trigger? trigger)
    {
        Inputs = new RunFormModel(inputs);
        if (trigger is null)
        {
            return;
        }

        Enabled = trigger.Enabled;
        Inputs.Fill(trigger.Inputs);
        if (trigger.Schedule is { } schedule)
        {
            Pick = SchedulePick.From(schedule.Cron);
            (TimeZone, Misfire, CatchUpLimit, Overlap) = (
                schedule.TimeZone,
                schedule.Misfire,
                schedule.CatchUpLimit.ToString(CultureInfo.InvariantCulture),
                schedule.Overlap
            );
            (Start, End) = (Local(schedule.StartsAt), Local(schedule.EndsAt));
        }
    }

    public SchedulePick Pick { get; private set; } = new();

    public string TimeZone { get; set; } = "UTC";

    public MisfirePolicy Misfire { get; set; }

    public string CatchUpLimit { get; set; } = "10";

    public OverlapPolicy Overlap { get; set; }

    /// <summary>A time in the schedule's zone, in the format of a browser's date field; empty for none.</summary>
    public string Start { get; set; } = "";

    public string End { get; set; } = "";

    public bool Enabled { get; set; } = true;

    public RunFormModel Inputs { get; }

    public ScheduleSettings Settings() =>
        new()
        {
            Cron = Pick.Cron,
            TimeZone = TimeZone.Trim(),
            Misfire = Misfire,
            CatchUpLimit = int.TryParse(CatchUpLimit, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : 0,
            Overlap = Overlap,
            StartsAt = Utc(Start),
            EndsAt = Utc(End),
        };

    /// <summary>The trigger, or what cannot be read, at its fields.</summary>
    public Result<TriggerContent> Read()
    {
        var inputs = Inputs.Read();
        List<FieldError> errors = [.. Unread(), .. inputs.Problem?.Errors ?? []];
        return errors.Count > 0
            ? Problem.Invalid("Could not save the schedule.", errors)
            : inputs.Map(values => new TriggerContent(TriggerType.Scheduled, Enabled, values, Settings()));
    }

    /// <summary>Entered text that is not a number or a time: it must not be treated as empty.</summary>
    private IEnumerable<FieldError> Unread()
    {
        if (Misfire == MisfirePolicy.All && !int.TryParse(CatchUpLimit, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            yield return new FieldError("schedule.catchUpLimit", "Enter a whole number, for example 10.");
        }

        foreach (var (field, text) in new[] { ("schedule.startsAt", Start), ("schedule.endsAt", End) })
        {
            if (text.Length > 0 && !DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                yield return new FieldError(field, "Enter a date and time, or leave this empty.");
            }
        }
    }

    private TimeZoneInfo Zone => ScheduleCalendar.FindZone(TimeZone.Trim()) ?? TimeZoneInfo.Utc;

    private string Local(DateTime? utc) =>
        utc is { } at ? TimeZoneInfo.ConvertTimeFromUtc(at, Zone).ToString(LocalFormat, CultureInfo.InvariantCulture) : "";

    private DateTime? Utc(string local)
    {
        if (!DateTime.TryParse(local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return null;
        }

        // A time that the clocks skip is read as the end of the gap.
        for (; Zone.IsInvalidTime(at); at = at.AddMinutes(15)) { }

        return TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(at, DateTimeKind.Unspecified), Zone);
    }
}
