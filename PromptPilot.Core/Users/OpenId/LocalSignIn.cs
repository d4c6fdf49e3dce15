using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>
/// Who may sign in with a password or passkey of their own while a provider signs people in. Where passwords are closed, the named
/// admins may; if none of those can, every admin, so that no portal is closed for all.
/// </summary>
public sealed class LocalSignIn(IDbContextFactory<PromptPilotDbContext> contexts, IOptions<OpenIdOptions> options)
{
    internal async Task<bool> AllowsAsync(User user, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (!settings.ClosesPasswords || settings.IsEmergencyAdmin(user.Email))
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
