namespace PromptPilot.Core.Users.OpenId;

/// <summary>The addresses that connect the portal and the provider. They are registered with providers, so they must not change.</summary>
public static class OpenIdPaths
{
    /// <summary>A GET sends the browser to the provider.</summary>
    public const string Start = "/account/oidc";

    /// <summary>The provider sends the browser back here.</summary>
    public const string Callback = "/account/oidc/callback";

    /// <summary>The provider posts here when it has signed someone out.</summary>
    public const string Logout = "/account/oidc/logout";

    /// <summary>A GET sends the browser to the provider's sign-out page.</summary>
    public const string SignOut = "/account/oidc/sign-out";
}
