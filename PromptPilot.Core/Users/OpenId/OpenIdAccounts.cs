using System.Net.Mail;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>
/// Finds, creates and links the accounts of people whom the provider has authenticated, and gives them the role of their groups. An account
/// belongs to a subject of an issuer; an e-mail address leads to one only if the provider has verified it.
/// </summary>
public sealed class OpenIdAccounts(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    IOptions<OpenIdOptions> options,
    TimeProvider time,
    ILogger<OpenIdAccounts> log
)
{
    private static readonly UpperInvariantLookupNormalizer Normalizer = new();

    /// <summary>The account of a person who signs in, with the role of their groups.</summary>
    /// <returns><see cref="OpenIdOutcome.SignedIn"/> with the account, or why they cannot sign in, with the account if there is
    /// one.</returns>
    internal async Task<(OpenIdOutcome Outcome, User? User)> FindAsync(OpenIdIdentity who, CancellationToken cancellationToken)
    {
        AuditScope.Actor = Actor.System;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var (outcome, user) = await ResolveAsync(db, who, cancellationToken);
        if (user is not null)
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return (outcome, user);
    }

    /// <summary>Links the person at the provider to an account, at the request of its owner.</summary>
    internal async Task<OpenIdOutcome> LinkAsync(OpenIdIdentity who, string userId, CancellationToken cancellationToken)
    {
        AuditScope.Actor = new Actor.Person(userId);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var linked = await db
            .UserLogins.Where(l => l.LoginProvider == who.Issuer && (l.ProviderKey == who.Subject || l.UserId == userId))
            .ToListAsync(cancellationToken);
        if (linked.Exists(l => l.UserId != userId || l.ProviderKey != who.Subject))
        {
            return OpenIdOutcome.LinkedElsewhere;
        }

        if (await db.Users.SingleOrDefaultAsync(u => u.Id == userId, cancellationToken) is not { IsLocked: false } user)
        {
            return OpenIdOutcome.Locked;
        }

        if (linked.Count == 0)
        {
            Link(db, who, user);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return OpenIdOutcome.Linked;
    }

    /// <summary>Gives the person of a session the role of their current groups.</summary>
    /// <returns>False when they no longer have a role; their sessions have then ended.</returns>
    internal async Task<bool> RefreshAsync(OpenIdSession session, IReadOnlyCollection<string> groups, CancellationToken cancellationToken)
    {
        AuditScope.Actor = Actor.System;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(
            u => db.Sessions.Any(s => s.Id == session.SessionId && s.UserId == u.Id),
            cancellationToken
        );
        if (user is null)
        {
            return false;
        }

        var hasRole = await SetRoleAsync(db, user, groups, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return hasRole;
    }

    private async Task<(OpenIdOutcome Outcome, User? User)> ResolveAsync(
        PromptPilotDbContext db,
        OpenIdIdentity who,
        CancellationToken cancellationToken
    )
    {
        var user = await db
            .UserLogins.Where(l => l.LoginProvider == who.Issuer && l.ProviderKey == who.Subject)
            .Join(db.Users, l => l.UserId, u => u.Id, (_, u) => u)
            .SingleOrDefaultAsync(cancellationToken);
        if (user is null)
        {
            if (who.VerifiedEmail is not { } email || PersonRules.Email(email) is not null)
            {
                return (OpenIdOutcome.UnverifiedEmail, null);
            }

            var normalized = Normalizer.NormalizeEmail(email);
            user = await db.Users.SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, cancellationToken);
            if (await ProblemOfAsync(db, who, user, cancellationToken) is { } problem)
            {
                return (problem, null);
            }

            user ??= Create(db, who, email, normalized);
            Link(db, who, user);
        }

        return user.IsLocked ? (OpenIdOutcome.Locked, user)
            : await SetRoleAsync(db, user, who.Groups, cancellationToken) ? (OpenIdOutcome.SignedIn, user)
            : (OpenIdOutcome.NoRole, user);
    }

    /// <summary>Why someone who signs in for the first time gets no account; null if they get one.</summary>
    /// <param name="existing">The account with their address.</param>
    private async Task<OpenIdOutcome?> ProblemOfAsync(
        PromptPilotDbContext db,
        OpenIdIdentity who,
        User? existing,
        CancellationToken cancellationToken
    )
    {
        var settings = options.Value;
        if (existing is null)
        {
            // The first account is the admin's, created with the setup link.
            return settings.NewUsers == OpenIdNewUsers.Invited || !await db.Users.AnyAsync(cancellationToken) ? OpenIdOutcome.NotInvited
                : OpenIdRoles.Of(settings, who.Groups) is null ? OpenIdOutcome.NoRole
                : null;
        }

        if (existing.IsLocked)
        {
            return OpenIdOutcome.Locked;
        }

        var isInvited =
            existing is { PasswordHash: null, LastLogin: null }
            && !await db.UserLogins.AnyAsync(l => l.UserId == existing.Id, cancellationToken)
            && !await db.UserPasskeys.AnyAsync(p => p.UserId == existing.Id, cancellationToken);
        var isFree = !await db.UserLogins.AnyAsync(l => l.UserId == existing.Id && l.LoginProvider == who.Issuer, cancellationToken);
        return isInvited || (settings.LinkByEmail && isFree) ? null : OpenIdOutcome.EmailTaken;
    }

    private User Create(PromptPilotDbContext db, OpenIdIdentity who, string email, string normalized)
    {
        var name = who.Name?.Trim() is { Length: > 0 } given && PersonRules.Name(given) is null ? given : new MailAddress(email).User;
        var user = new User
        {
            Name = Shorten.Text(name, PersonRules.MaxName),
            Email = email,
            UserName = email,
            NormalizedEmail = normalized,
            NormalizedUserName = normalized,
            EmailConfirmed = true,
            LockoutEnabled = true,
            Role = OpenIdRoles.Of(options.Value, who.Groups) ?? Role.Viewer,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        SecurityStamps.Rotate(user);
        db.Users.Add(user);
        return user;
    }

    private void Link(PromptPilotDbContext db, OpenIdIdentity who, User user) =>
        db.UserLogins.Add(
            new IdentityUserLogin<string>
            {
                LoginProvider = who.Issuer,
                ProviderKey = who.Subject,
                ProviderDisplayName = options.Value.Name,
                UserId = user.Id,
            }
        );

    /// <summary>
    /// Sets the role of the groups, where groups decide. A changed role ends the person's sessions, as when an admin changes it. Emergency
    /// admins and the last admin keep theirs.
    /// </summary>
    /// <returns>False when the person has no role and so cannot sign in.</returns>
    private async Task<bool> SetRoleAsync(
        PromptPilotDbContext db,
        User user,
        IReadOnlyCollection<string> groups,
        CancellationToken cancellationToken
    )
    {
        var settings = options.Value;
        if (!OpenIdRoles.AreMapped(settings) || settings.IsEmergencyAdmin(user.Email))
        {
            return true;
        }

        var role = OpenIdRoles.Of(settings, groups);
        if (role == user.Role)
        {
            return true;
        }

        if (await LastAdmin.IsAsync(db, user, cancellationToken))
        {
            log.LogWarning("User {UserId} stays an admin, although their groups no longer grant that: there is no other admin", user.Id);
            return true;
        }

        SecurityStamps.Rotate(user);
        await Sessions.EndAllAsync(db, user.Id, null, cancellationToken);
        user.Role = role ?? Role.Viewer;
        user.Revision++;
        return role is not null;
    }
}
