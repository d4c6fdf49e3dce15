using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>
/// Proves that the person who returns from the provider started linking on the Account page. Without it, another site could link an account
/// of its own to that of a person who visits it.
/// </summary>
public sealed class OpenIdLinkTickets(IDataProtectionProvider protection)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly ITimeLimitedDataProtector _protector = protection
        .CreateProtector("PromptPilot.OpenId.Link")
        .ToTimeLimitedDataProtector();

    /// <summary>A ticket for a person in their session.</summary>
    internal string Make(string userId, string sessionId) => _protector.Protect($"{userId}|{sessionId}", Life);

    /// <summary>Whether a ticket was made for the actor in this session, less than ten minutes ago.</summary>
    public bool IsOf(Actor actor, string? ticket)
    {
        if (ticket is null || actor is not Actor.Person { SessionId: { } session } person)
        {
            return false;
        }

        try
        {
            return _protector.Unprotect(ticket) == $"{person.UserId}|{session}";
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
