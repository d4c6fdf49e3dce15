using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>Proxies, and the limits that keep one sender from harming the others.</summary>
internal static class Network
{
    public static IServiceCollection AddNetwork(this IServiceCollection services)
    {
        services
            .AddSettings<HttpOptions>(HttpOptions.Section)
            .Validate(
                http => http.EffectiveProxies.All(proxy => HttpOptions.ParseProxy(proxy) is not null),
                $"{HttpOptions.Section}:TrustedProxies has an entry that is neither an address nor a network. Write 10.0.0.5 or 10.0.0.0/8."
            )
            .Validate(
                http => http.PathBase is "" || BasePath.IsValid(http.PathBase),
                $"{HttpOptions.Section}:PathBase must be a path like /promptpilot, with a slash at its start and none at its end."
            )
            .Validate(
                http => http.SignInsPerMinute is >= 1 and <= 10_000,
                $"{HttpOptions.Section}:SignInsPerMinute must be a number from 1 to 10,000."
            )
            .Validate(
                http => http.ApiBurst is >= 1 and <= 1_000_000,
                $"{HttpOptions.Section}:ApiBurst must be a number from 1 to 1,000,000."
            )
            .Validate(
                http => http.ApiRequestsPerSecond is >= 1 and <= 1_000_000,
                $"{HttpOptions.Section}:ApiRequestsPerSecond must be a number from 1 to 1,000,000."
            )
            .Validate(
                http => http.PagesPerPerson is >= 1 and <= 10_000,
                $"{HttpOptions.Section}:PagesPerPerson must be a number from 1 to 10,000."
            )
            .Validate(http => http.LostPages is >= 0 and <= 10_000, $"{HttpOptions.Section}:LostPages must be a number from 0 to 10,000.")
            .Validate(
                http => http.LostPageSeconds is >= 1 and <= 3_600,
                $"{HttpOptions.Section}:LostPageSeconds must be a number from 1 to 3,600."
            );
        services
            .AddSingleton(
                Shown(nameof(HttpOptions.SignInsPerMinute), SettingGroup.SignIn, "Sign-in attempts", "Limit for each client address.") with
                {
                    Reach = SettingReach.PerHost,
                    Unit = "per minute",
                }
            )
            .AddSingleton(
                Shown(
                    nameof(HttpOptions.ApiRequestsPerSecond),
                    SettingGroup.Limits,
                    "API request rate",
                    "Sustained rate per address and key. Requests above it get a 429."
                ) with
                {
                    Reach = SettingReach.PerHost,
                    Unit = "per second",
                }
            )
            .AddSingleton(
                Shown(
                    nameof(HttpOptions.ApiBurst),
                    SettingGroup.Limits,
                    "API request burst",
                    "How many requests may be sent at once before the rate applies."
                ) with
                {
                    Reach = SettingReach.PerHost,
                }
            )
            .AddSingleton(
                Shown(
                    nameof(HttpOptions.PagesPerPerson),
                    SettingGroup.Limits,
                    "Open pages per user",
                    "Every open page uses memory on the server."
                ) with
                {
                    Reach = SettingReach.PerHost,
                }
            );
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpOptions>>(TrustProxies);
        services
            .AddOptions<CircuitOptions>()
            .Configure<IOptions<HttpOptions>>(
                (circuits, http) =>
                {
                    circuits.DisconnectedCircuitMaxRetained = http.Value.LostPages;
                    circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(http.Value.LostPageSeconds);
                }
            );
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        services.AddSingleton<OpenPages>();
        services.AddScoped<CircuitHandler, OpenPageLimit>();
        return services.AddRateLimits();
    }

    /// <summary>For the settings page.</summary>
    private static Setting Shown(string property, SettingGroup group, string title, string help) =>
        Setting.Of<HttpOptions>(HttpOptions.Section, property, group, title, help);

    /// <summary>The host's name is not taken from a header: a proxy passes it on as Host.</summary>
    private static void TrustProxies(ForwardedHeadersOptions forwarded, IOptions<HttpOptions> http)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedPrefix;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in http.Value.EffectiveProxies.Select(HttpOptions.ParseProxy).OfType<System.Net.IPNetwork>())
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        // Any number of proxies in a row: each is trusted, or the chain ends there.
        forwarded.ForwardLimit = null;
    }
}
