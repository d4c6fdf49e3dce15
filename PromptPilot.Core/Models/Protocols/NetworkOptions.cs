namespace PromptPilot.Core.Models.Protocols;

/// <summary>Limits the addresses of model endpoints. Section <c>PromptPilot:Network</c>.</summary>
public sealed class NetworkOptions
{
    public const string Section = "PromptPilot:Network";

    /// <summary>
    /// The hosts whose private addresses may be called, as they are in an endpoint: names or literal addresses. Null: this machine only.
    /// </summary>
    public string[]? AllowedPrivateHosts { get; set; }

    internal static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "::1"];

    internal IReadOnlyCollection<string> EffectiveHosts => AllowedPrivateHosts ?? ThisMachine;
}
