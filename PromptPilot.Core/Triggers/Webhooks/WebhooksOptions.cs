namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>Section <c>PromptPilot:Webhooks</c>.</summary>
public sealed class WebhooksOptions
{
    public const string Section = "PromptPilot:Webhooks";

    /// <summary>
    /// Requests that one sender may send to one trigger at once; after that <see cref="RequestsPerSecond"/>. 1 to 100,000.
    /// </summary>
    public int Burst { get; set; } = 1000;

    /// <summary>Requests per second that one sender may sustain to one trigger. Requests above it get a 429. 1 to 100,000.</summary>
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>Received requests are shown in the inbox for so many days. 1 to 3650.</summary>
    public int KeepDays { get; set; } = 30;

    /// <summary>The newest authentic requests kept per trigger, and as many refused ones. 1 to 100,000.</summary>
    public int KeepRequests { get; set; } = 500;
}
