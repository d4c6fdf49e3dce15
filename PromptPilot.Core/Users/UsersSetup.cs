using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Users.Passwords;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Users.TwoFactor;

namespace PromptPilot.Core.Users;

/// <summary>The door of the feature; it needs <c>AddMail</c>.</summary>
public static class UsersSetup
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        AddOptions(services);
        AddIdentity(services);
        services.TryAddSingleton<PortalAddress>();
        return services
            .AddSingleton<Access>()
            .AddSingleton<Operations>()
            .AddSingleton<Sessions>()
            .AddSingleton<SessionService>()
            .AddSingleton<ApiKeyLookup>()
            .AddSingleton<FirstAdmin>()
            .AddSingleton<PasswordLinks>()
            .AddSingleton<UserService>()
            .AddSingleton<UserAccessService>()
            .AddSingleton<AccountService>()
            .AddSingleton<ApiKeyService>()
            .AddSingleton<CallModels>()
            .AddSingleton<SignInLanes>()
            .AddScoped<SignInLane>()
            .AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>()
            .AddSingleton<TotpKeys>()
            .AddSingleton<TwoFactorService>()
            .AddScoped<TwoFactorSignIn>()
            .AddScoped<Passkeys>()
            .AddScoped<PasswordSignIn>()
            .AddScoped<PasswordChange>()
            .AddOpenId();
    }

    private static void AddOptions(IServiceCollection services)
    {
        services
            .AddSettings<UsersOptions>(UsersOptions.Section)
            .Validate(
                o => o.RevalidationSeconds is >= 1 and <= 3600,
                $"{UsersOptions.Section}:RevalidationSeconds must be a number from 1 to 3,600."
            )
            .Validate(o => o.LockoutAttempts is >= 2 and <= 100, $"{UsersOptions.Section}:LockoutAttempts must be a number from 2 to 100.")
            .Validate(
                o => o.LockoutMinutes is >= 1 and <= 1440,
                $"{UsersOptions.Section}:LockoutMinutes must be a number from 1 to 1,440."
            );
        services
            .AddSettings<SetupOptions>(SetupOptions.Section)
            .Validate(
                o => !o.IsUnattended || PersonRules.Email(o.AdminEmail) is null,
                $"{SetupOptions.Section}:AdminEmail is not an e-mail address."
            )
            .Validate(
                o => !o.IsUnattended || PersonRules.PasswordLength(o.AdminPassword) is null,
                $"{SetupOptions.Section}:AdminPassword must have {PersonRules.MinPassword} to {PersonRules.MaxPassword} characters."
            )
            .Validate(
                o => o.IsUnattended || o.AdminPassword.Length == 0,
                $"{SetupOptions.Section}:AdminPassword requires {SetupOptions.Section}:AdminEmail. Set both."
            )
            .Validate(
                o => o.IsUnattended || o.ApiKey.Length == 0,
                $"{SetupOptions.Section}:ApiKey requires {SetupOptions.Section}:AdminEmail. Set both."
            )
            .Validate(
                o => o.ApiKey.Length is 0 or (>= SetupOptions.MinKeyLength and <= SetupOptions.MaxKeyLength),
                $"{SetupOptions.Section}:ApiKey must have {SetupOptions.MinKeyLength} to {SetupOptions.MaxKeyLength} characters."
            );
    }

    private static void AddIdentity(IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services
            .AddIdentityCore<User>(identity =>
            {
                identity.User.RequireUniqueEmail = true;
                identity.User.AllowedUserNameCharacters = ""; // the user name is the e-mail address, and that has rules of its own
                identity.Password.RequiredLength = PersonRules.MinPassword;
                identity.Password.RequireDigit = false;
                identity.Password.RequireLowercase = false;
                identity.Password.RequireUppercase = false;
                identity.Password.RequireNonAlphanumeric = false;
            })
            .AddEntityFrameworkStores<PromptPilotDbContext>()
            .AddUserManager<PortalUserManager>()
            .AddSignInManager<PortalSignInManager>()
            .AddDefaultTokenProviders();
        services
            .AddOptions<IdentityOptions>()
            .Configure<IOptions<UsersOptions>>(
                (identity, users) =>
                    (identity.Lockout.MaxFailedAccessAttempts, identity.Lockout.DefaultLockoutTimeSpan) = (
                        users.Value.LockoutAttempts,
                        TimeSpan.FromMinutes(users.Value.LockoutMinutes)
                    )
            );
        services.FollowSettings<IdentityOptions, UsersOptions>();
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            // The device verifies its holder, and offers its keys without a user name.
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
        });
        services.Configure<DataProtectionTokenProviderOptions>(tokens => tokens.TokenLifespan = PasswordLinkLife);
    }

    /// <summary>The lifetime of a password link.</summary>
    internal static readonly TimeSpan PasswordLinkLife = TimeSpan.FromDays(3);
}
