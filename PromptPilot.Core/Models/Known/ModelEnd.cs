namespace PromptPilot.Core.Models.Known;

/// <summary>The announced shutdown of a profile's model.</summary>
/// <param name="On">The day on which the provider shuts it down.</param>
/// <param name="Replacement">What the provider recommends instead; null if it recommends nothing, or that is not known.</param>
/// <param name="Source">The provider's page that says so, and when it was read; null: the list of models, or an admin.</param>
public sealed record ModelEnd(DateOnly On, string? Replacement, KnownSource? Source)
{
    /// <summary>From this many days before the end, admins and owners are notified.</summary>
    public const int NoticeDays = 90;

    /// <summary>The end of a model; null if none is known.</summary>
    /// <param name="entered">The date in the profile, from the provider's list or an admin.</param>
    public static ModelEnd? Of(string provider, string model, DateOnly? entered)
    {
        var known = KnownModels.Find(model) is { EndsOn: not null } ending && ending.Maker.Provider == provider ? ending : null;
        var source = known?.Maker.Ends;
        return entered is { } day ? new ModelEnd(day, known?.Replacement, known?.EndsOn == day ? source : null)
            : known is not null ? new ModelEnd(known.EndsOn!.Value, known.Replacement, source)
            : null;
    }

    /// <summary>Days until it ends; negative once it has ended.</summary>
    public int DaysFrom(DateTime now) => On.DayNumber - DateOnly.FromDateTime(now).DayNumber;

    /// <summary>True if it has ended or ends soon.</summary>
    public bool IsNear(DateTime now) => DaysFrom(now) <= NoticeDays;

    /// <summary>E.g. “will be retired in 46 days”, without a subject.</summary>
    public string Words(DateTime now) =>
        DaysFrom(now) switch
        {
            < -1 and var days => $"was retired {-days} days ago",
            -1 => "was retired yesterday",
            0 => "will be retired today",
            1 => "will be retired tomorrow",
            var days => $"will be retired in {days} days",
        };
}
