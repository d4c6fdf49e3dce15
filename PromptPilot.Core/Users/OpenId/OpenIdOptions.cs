namespace PromptPilot.Core.Users.OpenId;

/// <summary>Who gets an account at the first sign-in with the provider.</summary>
public enum OpenIdNewUsers
{
    /// <summary>Everyone whom the provider signs in, with a verified e-mail address and a role.</summary>
    Create,

    /// <summary>Only people who were invited to that address.</summary>
    Invited,
}

/// <summary>The role of people who are in none of the groups.</summary>
public enum OpenIdDefaultRole
{
    /// <summary>They cannot sign in.</summary>
    None,
    Viewer,
    Collaborator,
    Architect,
}

/// <summary>Who may sign in without the provider.</summary>
public enum OpenIdPasswords
{
    Everyone,

    /// <summary>The admins named in <see cref="OpenIdOptions.EmergencyAdmins"/>, e.g. while the provider is down.</summary>
    EmergencyAdmins,
}

/// <summary>
/// Section <c>PromptPilot:OpenId</c>: sign-in with a company's OpenID Connect provider. Off without <see cref="Issuer"/>. A null in a
/// settings file is treated as empty.
/// </summary>
public sealed class OpenIdOptions
{
    public const string Section = "PromptPilot:OpenId";
    public const int MaxName = 40;

    /// <summary>The provider's issuer, to which <c>/.well-known/openid-configuration</c> is appended.</summary>
    public string Issuer
    {
        get;
        set => field = value?.TrimEnd('/') ?? "";
    } = "";

    public string ClientId
    {
        get;
        set => field = value ?? "";
    } = "";

    /// <summary>Empty for a public client, which uses only PKCE.</summary>
    public string ClientSecret
    {
        get;
        set => field = value ?? "";
    } = "";

    /// <summary>The provider's name on the sign-in page. 1 to 40 characters.</summary>
    public string Name
    {
        get;
        set => field = value ?? "OpenID Connect";
    } = "OpenID Connect";

    /// <summary>Separated by spaces. With <c>offline_access</c>, most providers issue a refresh token.</summary>
    public string Scopes
    {
        get;
        set => field = value ?? "";
    } = "openid profile email";

    public string GroupsClaim
    {
        get;
        set => field = value ?? "";
    } = "groups";

    public string[] AdminGroups { get; set; } = [];

    public string[] ArchitectGroups { get; set; } = [];

    public string[] CollaboratorGroups { get; set; } = [];

    public string[] ViewerGroups { get; set; } = [];

    public OpenIdDefaultRole DefaultRole { get; set; } = OpenIdDefaultRole.None;

    public OpenIdNewUsers NewUsers { get; set; } = OpenIdNewUsers.Create;

    /// <summary>An existing account is linked by its e-mail address, if the provider has verified it, without asking its owner.</summary>
    public bool LinkByEmail { get; set; }

    public OpenIdPasswords Passwords { get; set; } = OpenIdPasswords.Everyone;

    /// <summary>E-mail addresses of the admins who can always sign in with a password; the provider never changes their role.</summary>
    public string[] EmergencyAdmins { get; set; } = [];

    /// <summary>
    /// After so many hours a session without a refresh token ends, so that the provider is asked again. 1 to 720.
    /// </summary>
    public int SessionHours { get; set; } = 24;

    /// <summary>Hosts of the provider that have private addresses or no TLS.</summary>
    public string[] AllowedPrivateHosts { get; set; } = [];

    internal bool IsEmergencyAdmin(string? email) => EmergencyAdmins.Contains(email, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether people can sign in with the provider.</summary>
    public bool IsConfigured => Issuer.Length > 0 && ClientId.Length > 0;

    /// <summary>Whether only emergency admins may sign in with a password.</summary>
    public bool RestrictsPasswords => IsConfigured && Passwords == OpenIdPasswords.EmergencyAdmins;
}
