namespace PromptPilot.Core.Integrations;

/// <summary>Section <c>PromptPilot:Integrations</c>.</summary>
public sealed class IntegrationsOptions
{
    public const string Section = "PromptPilot:Integrations";

    /// <summary>
    /// The hosts whose private addresses hooks may reach, as they are in an address: names or literal addresses. None by default.
    /// </summary>
    public string[] AllowedPrivateHosts
    {
        get;
        set => field = value ?? [];
    } = [];

    /// <summary>The most one attempt may take, in seconds. 1 to 120.</summary>
    public int TimeoutSeconds { get; set; } = 15;

    /// <summary>The most concurrent deliveries to one hook. 1 to 100.</summary>
    public int ParallelPerHook { get; set; } = 8;

    /// <summary>The most concurrent deliveries. 1 to 1,000.</summary>
    public int Parallel { get; set; } = 128;

    /// <summary>Delivered and given-up messages, with the log of their attempts, are kept for so many days. 1 to 3650.</summary>
    public int KeepDays { get; set; } = 30;
}
