namespace PromptPilot.Core.Users.OpenId;

/// <summary>Where the portal meets the provider; providers know these addresses, so they stay.</summary>
public static class OpenIdPaths
{
    /// <summary>A GET sends the browser to the provider.</summary>
    public const string Start = "/account/oidc";

    /// <summary>The provider sends the browser back here.</summary>
    public const string Callback = "/account/oidc/callback";

    /// <summary>The provider posts here that it signed someone out.</summary>
    public const string Logout = "/account/oidc/logout";

    /// <summary>A GET sends the browser to the provider's sign-out.</summary>
    public const string SignOut = "/account/oidc/sign-out";
}
