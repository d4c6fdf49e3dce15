namespace PromptPilot.Core.Users.OpenId;

/// <summary>A person whom the provider has just authenticated.</summary>
/// <param name="Subject">The provider's id of the person: the only claim that identifies them permanently.</param>
/// <param name="VerifiedEmail">Null if there is no address, or the provider does not state that it is verified.</param>
/// <param name="ProviderSession">The provider's session (<c>sid</c>), for its sign-out.</param>
/// <param name="IsStrong">The provider says that a second factor was used (<c>amr</c> has <c>mfa</c>).</param>
public sealed record OpenIdIdentity(
    string Issuer,
    string Subject,
    string? VerifiedEmail,
    string? Name,
    IReadOnlyCollection<string> Groups,
    string? ProviderSession,
    string? RefreshToken,
    bool IsStrong
);

/// <summary>The outcome of a sign-in with the provider, or of linking an account.</summary>
public enum OpenIdOutcome
{
    SignedIn,

    /// <summary>The account has a second factor in the portal, and the provider asked for none.</summary>
    SecondFactor,
    Linked,

    /// <summary>The provider's answer was forged, stale, used before or cannot be checked.</summary>
    Failed,

    /// <summary>The person refused at the provider.</summary>
    Denied,
    Unreachable,

    /// <summary>The provider refused the portal's request: it does not know the client, or this portal's address.</summary>
    Misconfigured,
    UnverifiedEmail,

    /// <summary>An account with this address exists and is not linked.</summary>
    EmailTaken,
    NotInvited,
    NoRole,
    Locked,

    /// <summary>The person at the provider, or the account in the portal, is linked to another one.</summary>
    LinkedElsewhere,

    /// <summary>Linking was not started by the person who is signed in here, or took too long.</summary>
    LinkExpired,
}

/// <summary>What a session keeps of the provider's answer.</summary>
/// <param name="RefreshToken">Encrypted.</param>
internal sealed record OpenIdGrant(string Issuer, string Subject, string? ProviderSession, string? RefreshToken);
