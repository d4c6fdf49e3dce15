using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.Passwords;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users;

/// <summary>People, their roles and locks. There is always an admin who can sign in.</summary>
public sealed class UserService(
    Operations operations,
    IServiceScopeFactory scopes,
    PasswordLinks links,
    IEnumerable<IPersonalTexts> personalTexts,
    TimeProvider time
)
{
    private const char CursorMark = ',';

    /// <summary>People by name.</summary>
    public Task<Result<Page<UserItem>>> ListAsync(Actor actor, UserFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        operations.ReadAsync<Page<UserItem>>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var users = db.Users.AsNoTracking();
                if (filter.Role is { } role)
                {
                    users = users.Where(u => u.Role == role);
                }

                if (filter.State is { } state)
                {
                    users = users.Where(u =>
                        state == UserState.Locked
                            ? u.IsLocked
                            : !u.IsLocked
                                && (u.PasswordHash != null || db.UserLogins.Any(l => l.UserId == u.Id)) == (state == UserState.Active)
                    );
                }

                if (filter.Search?.Trim() is { Length: > 0 } text)
                {
                    var pattern = LikePattern.Containing(text);
                    users = users.Where(u => SqlText.Matches(u.Name, pattern) || SqlText.Matches(u.Email!, pattern));
                }

                if (page.After is { } after)
                {
                    if (NameCursor.Parse(after, CursorMark) is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    users = users.Where(u => u.Name.CompareTo(cursor.Name) > 0 || (u.Name == cursor.Name && u.Id.CompareTo(cursor.Id) > 0));
                }

                var found = await users
                    .OrderBy(u => u.Name)
                    .ThenBy(u => u.Id)
                    .Take(page.Take + 1)
                    .Select(u => new { User = u, IsLinked = db.UserLogins.Any(l => l.UserId == u.Id) })
                    .ToListAsync(cancellationToken);
                var items = found.ConvertAll(row => UserItem.Of(row.User, row.IsLinked));
                return Page.Of(items, page, last => new NameCursor(last.Name, last.Id).ToString(CursorMark));
            },
            cancellationToken
        );

    /// <summary>The names of all people, for lists that say who did something.</summary>
    public Task<Result<IReadOnlyList<PersonName>>> ListNamesAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<PersonName>>(
            actor,
            Permission.Read,
            async (db, _) =>
                await db
                    .Users.AsNoTracking()
                    .OrderBy(u => u.Name)
                    .ThenBy(u => u.Id)
                    .Select(u => new PersonName(u.Id, u.Name))
                    .ToListAsync(cancellationToken),
            cancellationToken
        );

    public Task<Result<UserItem>> FindAsync(Actor actor, string userId, CancellationToken cancellationToken) =>
        operations.ReadAsync<UserItem>(
            actor,
            Permission.Admin,
            async (db, _) =>
                await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, cancellationToken) is { } user
                    ? UserItem.Of(user, await db.UserLogins.AnyAsync(l => l.UserId == userId, cancellationToken))
                    : Problem.NotFound("user"),
            cancellationToken
        );

    /// <summary>
    /// Creates a user and a link to set their password, sent by mail if a mail server is configured. No one else ever knows the
    /// password.
    /// </summary>
    public Task<Result<InvitedUser>> CreateAsync(Actor actor, NewUser input, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<InvitedUser>(
            actor,
            Permission.Admin,
            async _ =>
            {
                var errors = PersonRules.All(PersonRules.Name(input.Name), PersonRules.Email(input.Email), PersonRules.Role(input.Role));
                if (errors.Count > 0)
                {
                    return Problem.Invalid("Could not create the user.", errors);
                }

                await using var scope = scopes.CreateAsyncScope();
                var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
                var user = new User
                {
                    Name = input.Name.Trim(),
                    Email = input.Email,
                    UserName = input.Email,
                    EmailConfirmed = true,
                    LockoutEnabled = true,
                    Role = input.Role,
                    CreatedAt = time.GetUtcNow().UtcDateTime,
                };
                try
                {
                    var made = await users.CreateAsync(user);
                    if (!made.Succeeded)
                    {
                        return Taken;
                    }
                }
                catch (DbUpdateException exception) when (exception.IsConstraint())
                {
                    // Another user was created with this e-mail at the same moment; the index refuses the second.
                    return Taken;
                }

                return new InvitedUser(UserItem.Of(user), await links.MakeAsync(users, user, cancellationToken));
            },
            cancellationToken
        );

    /// <summary>Changes name, role and lock. A changed role or lock ends the person's sessions.</summary>
    public Task<Result<UserItem>> UpdateAsync(
        Actor actor,
        string userId,
        UserChange change,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<UserItem>(
            actor,
            Permission.Admin,
            async (db, principal) =>
            {
                var errors = PersonRules.All(
                    change.Name is null ? null : PersonRules.Name(change.Name),
                    change.Role is { } wanted ? PersonRules.Role(wanted) : null
                );
                if (errors.Count > 0)
                {
                    return Problem.Invalid("Could not change the user.", errors);
                }

                var found = await db.Users.Where(u => u.Id == userId).ToChangeAsync("user", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var user = found.Value;

                var role = change.Role ?? user.Role;
                var isLocked = change.IsLocked ?? user.IsLocked;
                if ((role != Role.Admin || isLocked) && await LastAdmin.IsAsync(db, user, cancellationToken))
                {
                    return LastAdmin.Problem;
                }

                if (isLocked && !user.IsLocked && userId == principal.UserId)
                {
                    return Problem.Conflict("You cannot lock yourself. Ask another admin.");
                }

                if (role != user.Role || isLocked != user.IsLocked)
                {
                    SecurityStamps.Rotate(user);
                    await Sessions.EndAllAsync(db, user.Id, null, cancellationToken);
                }

                user.Name = change.Name?.Trim() ?? user.Name;
                user.Role = role;
                user.IsLocked = isLocked;
                user.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return UserItem.Of(user, await db.UserLogins.AnyAsync(l => l.UserId == userId, cancellationToken));
            },
            cancellationToken
        );

    /// <summary>No sign-in, no API key, no open page any more, until unlocked.</summary>
    public Task<Result<UserItem>> LockAsync(Actor actor, string userId, int? ifRevision, CancellationToken cancellationToken) =>
        UpdateAsync(actor, userId, new UserChange(IsLocked: true), ifRevision, cancellationToken);

    /// <summary>
    /// Creates a link to set a password, sent by mail if a mail server is configured. The old password works until it is used; earlier
    /// links stop working.
    /// </summary>
    public Task<Result<PasswordLink>> ResetPasswordAsync(Actor actor, string userId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<PasswordLink>(
            actor,
            Permission.Admin,
            async _ =>
            {
                await using var scope = scopes.CreateAsyncScope();
                using var entered = await scope.ServiceProvider.GetRequiredService<SignInLane>().EnterAsync(userId, cancellationToken);
                var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
                if (await users.FindByIdAsync(userId) is not { } user)
                {
                    return Problem.NotFound("user");
                }

                if (!(await users.UpdateSecurityStampAsync(user)).Succeeded)
                {
                    return Problem.Conflict("This user was changed at the same time. Try again.");
                }

                return await links.MakeAsync(users, user, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>
    /// Deletes a person with their keys and ratings. What else they wrote stays; their workflows, whose triggers act in their name, get
    /// another owner.
    /// </summary>
    /// <param name="heirId">The new owner, who can write; null: the caller.</param>
    /// <param name="erasesTexts">Also deletes the test cases that they made, the batches that they started, and their corrected
    /// outputs wherever they are kept.</param>
    public Task<Result<Done>> DeleteAsync(
        Actor actor,
        string userId,
        int? ifRevision,
        CancellationToken cancellationToken,
        string? heirId = null,
        bool erasesTexts = false
    ) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Admin,
            async (db, principal) =>
            {
                if (userId == principal.UserId)
                {
                    return Problem.Conflict("You cannot delete yourself. Ask another admin.");
                }

                var found = await db.Users.Where(u => u.Id == userId).ToChangeAsync("user", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var user = found.Value;

                if (await LastAdmin.IsAsync(db, user, cancellationToken))
                {
                    return LastAdmin.Problem;
                }

                var heir = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == (heirId ?? principal.UserId), cancellationToken);
                if (
                    heirId is not null
                    && (heir is null || heir.IsLocked || heir.Id == userId || !Access.Allows(heir.Role, Permission.Write))
                )
                {
                    return Problem.AtField(
                        "newOwner",
                        "The new owner must be another user who is not locked and is an architect or admin."
                    );
                }

                await foreach (
                    var workflow in db.Workflows.Where(w => w.Owner == userId).AsAsyncEnumerable().WithCancellation(cancellationToken)
                )
                {
                    workflow.Owner = heir?.Id;
                }

                foreach (var texts in erasesTexts ? personalTexts : [])
                {
                    if (await texts.EraseAsync(db, userId, cancellationToken) is { } refusal)
                    {
                        return refusal;
                    }
                }

                db.Users.Remove(user);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private static Problem Taken => Problem.AtField("email", "A user with this e-mail address already exists.");
}
