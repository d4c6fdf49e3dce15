using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptPilot.Web.Features.Triggers.Schedules;

/// <summary>The rhythms that can be built by clicking.</summary>
public enum Recurrence
{
    Minutes,
    Hourly,
    Daily,
    Weekdays,
    Weekly,
    MonthlyDay,
    MonthlyWeekday,

    /// <summary>An expression of one's own.</summary>
    Cron,
}

/// <summary>A cron expression as built in the form: parsed from one, converted to one, and described.</summary>
public sealed partial class SchedulePick
{
    public static readonly IReadOnlyList<int> Steps = [1, 2, 3, 5, 10, 15, 20, 30];
    public static readonly IReadOnlyList<string> Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    public static readonly IReadOnlyList<(string Value, string Word)> Places =
    [
        ("#1", "first"),
        ("#2", "second"),
        ("#3", "third"),
        ("#4", "fourth"),
        ("L", "last"),
    ];

    public Recurrence Recurrence { get; set; } = Recurrence.Weekdays;

    /// <summary>Each so many minutes.</summary>
    public int Step { get; set; } = 15;

    public int Hour { get; set; } = 9;

    public int Minute { get; set; }

    /// <summary>0 is Sunday.</summary>
    public SortedSet<int> WeekDays { get; } = [1];

    /// <summary>1–31, or 0 for the last.</summary>
    public int MonthDay { get; set; } = 1;

    public string Place { get; set; } = "#1";

    public int PlaceDay { get; set; } = 1;

    public string Typed { get; set; } = "0 9 * * 1-5";

    public string Time
    {
        get => string.Create(CultureInfo.InvariantCulture, $"{Hour:00}:{Minute:00}");
        set
        {
            if (TimeOnly.TryParse(value, CultureInfo.InvariantCulture, out var time))
            {
                (Hour, Minute) = (time.Hour, time.Minute);
            }
        }
    }

    public string Cron =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(Recurrence switch
    {
        Recurrence.Minutes => Step == 1 ? "* * * * *" : $"*/{Step} * * * *",
        Recurrence.Hourly => $"{Minute} * * * *",
        Recurrence.Daily => $"{Minute} {Hour} * * *",
        Recurrence.Weekdays => $"{Minute} {Hour} * * 1-5",
        Recurrence.Weekly => $"{Minute} {Hour} * * {(WeekDays.Count == 0 ? "1" : string.Join(',', WeekDays))}",
        Recurrence.MonthlyDay => $"{Minute} {Hour} {(MonthDay == 0 ? "L" : MonthDay)} * *",
        Recurrence.MonthlyWeekday => $"{Minute} {Hour} * * {PlaceDay}{Place}",
        Recurrence.Cron => Typed.Trim(),
    })}"
        );

    /// <summary>The choices that a cron expression corresponds to; the expression itself if the form cannot build it.</summary>
    public static SchedulePick From(string cron)
    {
        var pick = new SchedulePick { Typed = cron, Recurrence = Recurrence.Cron };
        var fields = cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields is ["*", "*", "*", "*", "*"])
        {
            (pick.Recurrence, pick.Step) = (Recurrence.Minutes, 1);
        }
        else if (fields is [['*', '/', .. var step], "*", "*", "*", "*"] && Number(step, 59) is { } minutes && Steps.Contains(minutes))
        {
            (pick.Recurrence, pick.Step) = (Recurrence.Minutes, minutes);
        }
        else if (fields is [var at, "*", "*", "*", "*"] && Number(at, 59) is { } past)
        {
            (pick.Recurrence, pick.Minute) = (Recurrence.Hourly, past);
        }
        else if (
            fields is [var minute, var hour, var monthDay, "*", var weekDay]
            && Number(minute, 59) is { } m
            && Number(hour, 23) is { } h
        )
        {
            pick.ReadDays(monthDay, weekDay);
            (pick.Hour, pick.Minute) = (h, m);
        }

        return pick;
    }

    /// <summary>A description if the form can build it; otherwise the expression.</summary>
    public static string Words(string cron) => From(cron).Words();

    public string Words() =>
        Recurrence switch
        {
            Recurrence.Minutes => Step == 1 ? "Every minute" : $"Every {Step} minutes",
            Recurrence.Hourly => Minute == 0 ? "Every hour, on the hour" : $"Every hour, {Minute} past",
            Recurrence.Daily => $"Every day at {Clock}",
            Recurrence.Weekdays => $"Every weekday at {Clock}",
            Recurrence.Weekly => $"Every {string.Join(", ", WeekDays.OrderBy(day => (day + 6) % 7).Select(day => Days[day]))} at {Clock}",
            Recurrence.MonthlyDay => MonthDay == 0 ? $"The last day of each month at {Clock}" : $"Day {MonthDay} of each month at {Clock}",
            Recurrence.MonthlyWeekday =>
                $"The {Places.First(place => place.Value == Place).Word} {Days[PlaceDay]} of each month at {Clock}",
            Recurrence.Cron => Typed,
        };

    private string Clock => string.Create(CultureInfo.InvariantCulture, $"{Hour}:{Minute:00}");

    private void ReadDays(string monthDay, string weekDay)
    {
        if (monthDay == "*" && weekDay == "*")
        {
            Recurrence = Recurrence.Daily;
        }
        else if (monthDay == "*" && weekDay == "1-5")
        {
            Recurrence = Recurrence.Weekdays;
        }
        else if (monthDay == "*" && WeekDayList().IsMatch(weekDay))
        {
            Recurrence = Recurrence.Weekly;
            WeekDays.Clear();
            WeekDays.UnionWith(weekDay.Split(',').Select(day => day[0] - '0'));
        }
        else if (monthDay == "*" && Placed().IsMatch(weekDay))
        {
            (Recurrence, PlaceDay, Place) = (Recurrence.MonthlyWeekday, weekDay[0] - '0', weekDay[1..]);
        }
        else if (weekDay == "*" && (monthDay == "L" || Number(monthDay, 31) is > 0))
        {
            (Recurrence, MonthDay) = (Recurrence.MonthlyDay, monthDay == "L" ? 0 : Number(monthDay, 31)!.Value);
        }
    }

    private static int? Number(ReadOnlySpan<char> text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;

    [GeneratedRegex("^[0-6](,[0-6])*$")]
    private static partial Regex WeekDayList();

    [GeneratedRegex("^[0-6](#[1-4]|L)$")]
    private static partial Regex Placed();
}
