using PromptPilot.Core.Audit;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>Signs in a person on this browser whom the provider has authenticated.</summary>
public sealed class OpenIdSignIn(
    OpenIdAccounts accounts,
    OpenIdSessions sessions,
    OpenIdLinkTickets tickets,
    PasswordSignIn passwords,
    PortalSignInManager signIn,
    AuditLog log
)
{
    /// <summary>Signs in, or says why not.</summary>
    public async Task<OpenIdOutcome> SignInAsync(OpenIdIdentity who, CancellationToken cancellationToken)
    {
        if (!Fits(who))
        {
            return OpenIdOutcome.Failed;
        }

        var (outcome, user) = await accounts.FindAsync(who, cancellationToken);
        if (outcome != OpenIdOutcome.SignedIn || user is null)
        {
            await log.WriteAsync(
                Actor.Nobody,
                AuditEntry.Of(
                    AuditAction.SignInFailed,
                    AuditCatalog.User,
                    user?.Id,
                    user?.Name ?? who.VerifiedEmail ?? "(no verified e-mail address)",
                    new AuditChange("openId", null, outcome.ToString())
                ),
                cancellationToken
            );
            return outcome;
        }

        var grant = sessions.GrantOf(who);
        if (user.TwoFactorEnabled && !who.IsStrong)
        {
            await signIn.BeginHalfAsync(user, remember: false, grant);
            return OpenIdOutcome.SecondFactor;
        }

        await passwords.CompleteAsync(user.Id, remember: false, who.IsStrong, cancellationToken, grant);
        return OpenIdOutcome.SignedIn;
    }

    /// <summary>Links the account of the user who is signed in on this browser.</summary>
    public async Task<OpenIdOutcome> LinkAsync(OpenIdIdentity who, Actor actor, string ticket, CancellationToken cancellationToken)
    {
        if (!Fits(who))
        {
            return OpenIdOutcome.Failed;
        }

        return actor is Actor.Person person && tickets.IsOf(actor, ticket)
            ? await accounts.LinkAsync(who, person.UserId, cancellationToken)
            : OpenIdOutcome.LinkExpired;
    }

    private static bool Fits(OpenIdIdentity who) =>
        who.Subject.Length is > 0 and <= OpenIdSessionConfiguration.MaxId
        && who.Issuer.Length <= OpenIdSessionConfiguration.MaxId
        && (who.ProviderSession?.Length ?? 0) <= OpenIdSessionConfiguration.MaxId;
}
