using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>
/// Who may sign in with a password or passkey where an identity provider signs people in. Where passwords are restricted, the emergency
/// admins may; if none of them can, every admin may, so that a portal never locks everyone out.
/// </summary>
public sealed class LocalSignIn(IDbContextFactory<PromptPilotDbContext> contexts, IOptions<OpenIdOptions> options)
{
    internal async Task<bool> AllowsAsync(User user, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (!settings.RestrictsPasswords || settings.IsEmergencyAdmin(user.Email))
        {
            return true;
        }

        if (user.Role != Role.Admin)
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var admins = await db
            .Users.Where(u => u.Role == Role.Admin && !u.IsLocked && u.PasswordHash != null)
            .Select(u => u.Email)
            .ToListAsync(cancellationToken);
        return !admins.Exists(settings.IsEmergencyAdmin);
    }
}
