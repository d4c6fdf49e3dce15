namespace PromptPilot.Core.Users;

/// <summary>A user as admins see them, without private data (preferences, API keys).</summary>
/// <param name="HasPassword">False until the first password was set by the link.</param>
/// <param name="IsLinked">Can sign in with OpenID Connect.</param>
public sealed record UserItem(
    string Id,
    string Email,
    string Name,
    Role Role,
    bool IsLocked,
    bool HasPassword,
    bool HasTwoFactor,
    DateTime CreatedAt,
    DateTime? LastLogin,
    int Revision,
    bool IsLinked = false
)
{
    internal static UserItem Of(User user, bool isLinked = false) =>
        new(
            user.Id,
            user.Email!,
            user.Name,
            user.Role,
            user.IsLocked,
            user.PasswordHash is not null,
            user.TwoFactorEnabled,
            user.CreatedAt,
            user.LastLogin,
            user.Revision,
            isLinked
        );
}

/// <summary>A person as everyone sees them.</summary>
public sealed record PersonName(string Id, string Name);

/// <summary>The state of a user.</summary>
public enum UserState
{
    Active,

    /// <summary>Has not set a password yet.</summary>
    Invited,
    Locked,
}

/// <summary>The filter of users; null means any.</summary>
/// <param name="Search">A part of the name or e-mail.</param>
public sealed record UserFilter(string? Search = null, Role? Role = null, UserState? State = null);

public sealed record NewUser(string Email, string Name, Role Role);

/// <summary>The fields an admin may change; null leaves one unchanged.</summary>
public sealed record UserChange(string? Name = null, Role? Role = null, bool? IsLocked = null);

/// <summary>A single-use link to set a password.</summary>
/// <param name="Path">Relative to the portal's address. Null if the user got it by mail: then no one else sees it.</param>
/// <param name="Mail">Null when no mail server is set, or the person is locked.</param>
public sealed record PasswordLink(string? Path, DateTime ExpiresAt, LinkMail? Mail = null);

/// <summary>The outcome of the mail with a link.</summary>
/// <param name="Answer">The mail server's reply, or why it was not reached.</param>
/// <param name="Portal">The portal address at the start of the link.</param>
public sealed record LinkMail(string To, bool IsSent, string Answer, string Portal);

public sealed record InvitedUser(UserItem User, PasswordLink Link);
