using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PromptPilot.Core.Users;

/// <summary>Identity's users, whose lockout does not outlast a system clock that was set back.</summary>
public sealed class PortalUserManager(
    IUserStore<User> store,
    IOptions<IdentityOptions> options,
    IPasswordHasher<User> hasher,
    IEnumerable<IUserValidator<User>> userRules,
    IEnumerable<IPasswordValidator<User>> passwordRules,
    ILookupNormalizer normalizer,
    IdentityErrorDescriber errors,
    IServiceProvider services,
    ILogger<UserManager<User>> log,
    TimeProvider time
) : UserManager<User>(store, options, hasher, userRules, passwordRules, normalizer, errors, services, log)
{
    /// <summary>A lockout that ends later than any that begins now was made while the clock showed a later time.</summary>
    public override async Task<bool> IsLockedOutAsync(User user) =>
        await base.IsLockedOutAsync(user) && user.LockoutEnd - time.GetUtcNow() <= Options.Lockout.DefaultLockoutTimeSpan;
}
