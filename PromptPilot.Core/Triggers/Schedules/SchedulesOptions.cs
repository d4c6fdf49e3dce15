namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>Settings of the clock.</summary>
public sealed class SchedulesOptions
{
    public const string Section = "PromptPilot:Schedules";

    /// <summary>A firing that is noticed later than this is treated as missed. Seconds, 1–3,600.</summary>
    public int MissedAfterSeconds { get; set; } = 60;

    /// <summary>Days to keep the history of firings, 1–3,650.</summary>
    public int KeepFiringsDays { get; set; } = 90;
}
