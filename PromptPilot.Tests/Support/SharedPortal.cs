using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Tests.Support;

/// <summary>
/// One portal for all tests of a class, as its fixture: each makes people, profiles, prompts and workflows of its own. A test that counts
/// all there is, changes settings or stops the host starts a <see cref="PortalHost"/> of its own.
/// </summary>
public class SharedPortal : IAsyncLifetime
{
    public PortalHost Host { get; private set; } = null!;

    /// <summary>Configuration keys over the usual ones. Sign-ins are many, because all of them come from one address.</summary>
    protected virtual Dictionary<string, string?> Settings => new() { ["PromptPilot:Http:SignInsPerMinute"] = "10000" };

    /// <summary>Registrations that replace the host's own.</summary>
    protected virtual Action<IServiceCollection> Services => _ => { };

    public async ValueTask InitializeAsync() =>
        Host = await PortalHost.StartAsync(new PortalOptions { Settings = Settings, Services = Services });

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>The same, whose hooks may go to this machine.</summary>
public sealed class SharedPortalWithReceivers : SharedPortal
{
    protected override Dictionary<string, string?> Settings =>
        new(base.Settings) { ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1" };
}
