using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Core.Settings;

/// <summary>The settings of sign-in with OpenID Connect.</summary>
internal static class OpenIdCatalog
{
    private const string Section = OpenIdOptions.Section;

    public static IEnumerable<Setting> All { get; } =
    [
        Of(
            nameof(OpenIdOptions.Issuer),
            "Issuer",
            "The provider’s issuer URL, exactly as its configuration states it. Empty: sign-in with OpenID Connect is off."
        ),
        Of(nameof(OpenIdOptions.ClientId), "Client id", "The id under which this portal is registered with the provider."),
        new(
            $"{Section}:{nameof(OpenIdOptions.ClientSecret)}",
            SettingGroup.OpenId,
            SettingKind.Secret,
            "Client secret",
            "Stored encrypted and never shown again. Must be entered again when the issuer changes. Empty: a public client."
        )
        {
            GoesTo = [$"{Section}:{nameof(OpenIdOptions.Issuer)}"],
        },
        Of(nameof(OpenIdOptions.Name), "Name", "The provider’s name on the sign-in page: “Sign in with …”."),
        Of(
            nameof(OpenIdOptions.Scopes),
            "Scopes",
            "Requested at sign-in. With offline_access, most providers issue a refresh token, and roles are checked every 5 minutes."
        ),
        Of(nameof(OpenIdOptions.GroupsClaim), "Groups claim", "The claim that lists a person’s groups, e.g. groups or roles."),
        Groups(nameof(OpenIdOptions.AdminGroups), "Groups for admins"),
        Groups(nameof(OpenIdOptions.ArchitectGroups), "Groups for architects"),
        Groups(nameof(OpenIdOptions.CollaboratorGroups), "Groups for collaborators"),
        Groups(nameof(OpenIdOptions.ViewerGroups), "Groups for viewers"),
        Of(
            nameof(OpenIdOptions.DefaultRole),
            "Role without a group",
            "For people in none of the groups. None: they cannot sign in. If no groups are set above, admins manage roles here, and "
                + "this is the role of new users."
        ),
        Of(
            nameof(OpenIdOptions.NewUsers),
            "New users",
            "Create: the first sign-in creates the user. Invited: only people whom an admin has added can sign in. Both need a "
                + "verified e-mail address."
        ),
        Of(
            nameof(OpenIdOptions.LinkByEmail),
            "Link existing users by e-mail",
            "Off: users link their own account on the Account page. On: a person who signs in with the verified e-mail address "
                + "of an existing user is linked to that user."
        ),
        Of(nameof(OpenIdOptions.Passwords), "Passwords and passkeys", "Everyone, or only the emergency admins. Open sessions continue."),
        Of(
            nameof(OpenIdOptions.EmergencyAdmins),
            "Emergency admins",
            "E-mail addresses of admins who can sign in with a password while the provider is down. The provider never changes their role."
        ),
        Of(
            nameof(OpenIdOptions.SessionHours),
            "Hours until the next sign-in",
            "A session without a refresh token ends after this time, so that the provider is asked again. 1 to 720."
        ),
        Of(
            nameof(OpenIdOptions.AllowedPrivateHosts),
            "Private hosts of the provider",
            "Private or non-TLS hosts that sign-in may call. Names or addresses, one per line."
        ),
    ];

    private static Setting Of(string property, string title, string help) =>
        Setting.Of<OpenIdOptions>(Section, property, SettingGroup.OpenId, title, help);

    private static Setting Groups(string property, string title) =>
        Of(property, title, "Names or ids as in the claim, one per line. A person in several groups gets the highest role.") with
        {
            KeepsSpaces = true,
        };
}
