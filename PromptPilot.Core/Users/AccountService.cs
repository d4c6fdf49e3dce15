using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users;

/// <summary>A person as they see themself.</summary>
/// <param name="DefaultModel">Id of a model profile.</param>
/// <param name="Theme">Null follows the system.</param>
/// <param name="NoSingleKeys">Keys that act alone, such as / in lists, are off.</param>
public sealed record Account(
    string Id,
    string Email,
    string Name,
    Role Role,
    string? DefaultModel,
    Theme? Theme,
    bool NoSingleKeys,
    DateTime CreatedAt,
    DateTime? LastLogin,
    int Revision
);

/// <summary>Everything users can change about themselves.</summary>
public sealed record AccountChange(string Name, string? DefaultModel, Theme? Theme, bool NoSingleKeys);

/// <summary>A person's own name and preferences.</summary>
public sealed class AccountService(Operations operations)
{
    public Task<Result<Account>> FindAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<Account>(
            actor,
            Permission.Read,
            async (db, principal) =>
                await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == principal.UserId, cancellationToken) is { } user
                    ? Of(user)
                    : Problem.NotFound("account"),
            cancellationToken
        );

    public Task<Result<Account>> UpdateAsync(Actor actor, AccountChange change, int? ifRevision, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Account>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                if (PersonRules.Name(change.Name) is { } error)
                {
                    return Problem.Invalid("The account was not changed.", error);
                }

                var found = await db.Users.Where(u => u.Id == principal.UserId).ToChangeAsync("account", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var user = found.Value;

                if (change.DefaultModel is { } model && model != user.Preferences.DefaultModel)
                {
                    var profile = await db
                        .ModelProfiles.AsNoTracking()
                        .Where(p => p.Id == model)
                        .Select(p => new { p.Name, p.Roles })
                        .SingleOrDefaultAsync(cancellationToken);
                    if (profile is null || !ModelUse.Allows(profile.Roles, user.Role))
                    {
                        return Problem.AtField(
                            "defaultModel",
                            profile is null
                                ? "This model profile no longer exists. Choose another one."
                                : ModelUse.Refusal(profile.Name, profile.Roles)
                        );
                    }
                }

                user.Name = change.Name.Trim();
                user.Preferences.DefaultModel = change.DefaultModel;
                user.Preferences.Theme = change.Theme;
                user.Preferences.NoSingleKeys = change.NoSingleKeys;
                user.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return Of(user);
            },
            cancellationToken
        );

    private static Account Of(User user) =>
        new(
            user.Id,
            user.Email!,
            user.Name,
            user.Role,
            user.Preferences.DefaultModel,
            user.Preferences.Theme,
            user.Preferences.NoSingleKeys,
            user.CreatedAt,
            user.LastLogin,
            user.Revision
        );
}
