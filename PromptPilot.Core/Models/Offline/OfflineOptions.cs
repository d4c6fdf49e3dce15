namespace PromptPilot.Core.Models.Offline;

/// <summary>Settings of the offline model. Section <c>PromptPilot:Offline</c>.</summary>
public sealed class OfflineOptions
{
    public const string Section = "PromptPilot:Offline";

    /// <summary>Pause before each word, in milliseconds, so that a person sees the answer stream; 0 sends it at once.</summary>
    public int WordDelayMilliseconds { get; set; } = 15;
}
