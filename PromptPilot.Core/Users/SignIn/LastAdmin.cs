using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>There is always an admin who can sign in here, even while an identity provider is down.</summary>
internal static class LastAdmin
{
    public static Shared.Problem Problem =>
        Shared.Problem.Conflict("This is the last admin who can sign in. Make another user an admin first.");

    public static async Task<bool> IsAsync(PromptPilotDbContext db, User user, CancellationToken cancellationToken) =>
        user is { Role: Role.Admin, IsLocked: false }
        && !await db.Users.AnyAsync(
            u =>
                u.Id != user.Id
                && u.Role == Role.Admin
                && !u.IsLocked
                && (u.PasswordHash != null || db.UserPasskeys.Any(passkey => passkey.UserId == u.Id)),
            cancellationToken
        );
}
