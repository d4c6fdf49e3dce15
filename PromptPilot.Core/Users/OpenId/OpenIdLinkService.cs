using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>Whether a user's account is linked to the identity provider.</summary>
/// <param name="HasPassword">Without one, the link cannot be removed.</param>
public sealed record OpenIdLink(bool IsLinked, bool HasPassword);

/// <summary>The link between the user's own account and the identity provider.</summary>
public sealed class OpenIdLinkService(Operations operations, OpenIdLinkTickets tickets, IOptions<OpenIdOptions> options)
{
    public Task<Result<OpenIdLink>> FindAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<OpenIdLink>(
            actor,
            Permission.Read,
            async (db, principal) =>
                new OpenIdLink(
                    await db.UserLogins.AnyAsync(
                        l => l.UserId == principal.UserId && l.LoginProvider == options.Value.Issuer,
                        cancellationToken
                    ),
                    await db.Users.AnyAsync(u => u.Id == principal.UserId && u.PasswordHash != null, cancellationToken)
                ),
            cancellationToken
        );

    /// <summary>The path that starts linking. It is valid for ten minutes, in this browser.</summary>
    public Task<Result<string>> BeginAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<string>(
            actor,
            Permission.Read,
            principal =>
                actor is Actor.Person { SessionId: { } session } && principal.UserId is { } userId
                    ? $"account/oidc?link={Uri.EscapeDataString(tickets.Make(userId, session))}"
                    : Problem.Conflict("An account can only be linked on the Account page."),
            cancellationToken
        );

    /// <summary>Removes the link, and ends the sessions that were started with it.</summary>
    public Task<Result<Done>> RemoveAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                if (actor is not Actor.Person)
                {
                    return Problem.Forbidden("This can only be changed on the Account page.");
                }

                var issuer = options.Value.Issuer;
                var login = await db.UserLogins.SingleOrDefaultAsync(
                    l => l.UserId == principal.UserId && l.LoginProvider == issuer,
                    cancellationToken
                );
                if (login is null)
                {
                    return Problem.NotFound("link");
                }

                if (!await db.Users.AnyAsync(u => u.Id == principal.UserId && u.PasswordHash != null, cancellationToken))
                {
                    return Problem.Conflict("Without a password you could no longer sign in. Ask an admin for a password link first.");
                }

                db.UserLogins.Remove(login);
                await db.SaveChangesAsync(cancellationToken);
                var current = (actor as Actor.Person)?.SessionId;
                await db
                    .Sessions.Where(s => s.UserId == principal.UserId && s.Id != current && db.OpenIdSessions.Any(o => o.SessionId == s.Id))
                    .ExecuteDeleteAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
}
