using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>
/// Proves that linking was begun on the Account page by the person who comes back from the provider. Without it, another site could link
/// an account of its own to that of a person who opens its page.
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
