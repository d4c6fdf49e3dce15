namespace PromptPilot.Core.Models.Offline;

/// <summary>Settings of the offline model. Section <c>PromptPilot:Offline</c>.</summary>
public sealed class OfflineOptions
{
    public const string Section = "PromptPilot:Offline";

    /// <summary>Delay before each word, in milliseconds, so that people see the answer stream. 0 sends it in one piece.</summary>
    public int WordDelayMilliseconds { get; set; } = 15;
}
