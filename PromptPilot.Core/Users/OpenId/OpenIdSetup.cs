using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Users.OpenId;

internal static class OpenIdSetup
{
    private const string Section = OpenIdOptions.Section;

    public static IServiceCollection AddOpenId(this IServiceCollection services)
    {
        AddOptions(services.AddSettings<OpenIdOptions>(Section));
        services.TryAddSingleton<HostNames>();
        services.AddHostedService<OpenIdRoleChecks>();
        return services
            .AddSingleton<OpenIdProvider>()
            .AddSingleton<OpenIdAccounts>()
            .AddSingleton<OpenIdSessions>()
            .AddSingleton<OpenIdLinkService>()
            .AddSingleton<OpenIdLinkTickets>()
            .AddSingleton<LocalSignIn>()
            .AddScoped<OpenIdSignIn>();
    }

    private static void AddOptions(OptionsBuilder<OpenIdOptions> options) =>
        options
            .Validate(
                o => (o.Issuer.Length > 0) == (o.ClientId.Length > 0),
                $"{Section}:Issuer and {Section}:ClientId belong together. Set both, or neither."
            )
            .Validate(
                o => o.Issuer.Length == 0 || IsIssuer(o),
                $"{Section}:Issuer must be the provider's address without “?” and “#”. http:// is only possible for a host in "
                    + $"{Section}:AllowedPrivateHosts."
            )
            .Validate(
                o => o.Name.Trim().Length is >= 1 and <= OpenIdOptions.MaxName && !o.Name.Any(char.IsControl),
                $"{Section}:Name must have 1 to {OpenIdOptions.MaxName} characters."
            )
            .Validate(o => o.Scopes.Split(' ').Contains("openid"), $"{Section}:Scopes must contain openid.")
            .Validate(o => o.GroupsClaim.Trim().Length > 0, $"{Section}:GroupsClaim must be the name of a claim, e.g. groups.")
            .Validate(
                o => !o.RestrictsPasswords || o.EmergencyAdmins.Length > 0,
                $"{Section}:EmergencyAdmins must name an admin who can sign in with a password while the provider is down."
            )
            .Validate(o => o.SessionHours is >= 1 and <= 720, $"{Section}:SessionHours must be a number of hours from 1 to 720.")
            .Validate(o => AddressGuard.AreHosts(o.AllowedPrivateHosts), $"{Section}:AllowedPrivateHosts {AddressGuard.HostsRule}");

    private static bool IsIssuer(OpenIdOptions options) =>
        Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer)
        && issuer is { Query.Length: 0, Fragment.Length: 0, UserInfo.Length: 0 }
        && (
            issuer.Scheme == Uri.UriSchemeHttps
            || (
                issuer.Scheme == Uri.UriSchemeHttp && options.AllowedPrivateHosts.Contains(issuer.IdnHost, StringComparer.OrdinalIgnoreCase)
            )
        );
}
