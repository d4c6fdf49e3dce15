namespace PromptPilot.Core.Users;

/// <summary>Section <c>PromptPilot:Users</c>.</summary>
public sealed class UsersOptions
{
    public const string Section = "PromptPilot:Users";

    /// <summary>
    /// How often an open page and a cookie are checked against the user as the database has them; after at most this time a locked or
    /// demoted person is out. 1 to 3600.
    /// </summary>
    public int RevalidationSeconds { get; set; } = 30;

    /// <summary>True: users need a second factor. Without one they can only open the page that sets it up.</summary>
    public bool RequireTwoFactor { get; set; }

    /// <summary>After so many wrong passwords or codes in a row an account is locked out. 2 to 100.</summary>
    public int LockoutAttempts { get; set; } = 5;

    /// <summary>Lockout duration in minutes, 1 to 1440.</summary>
    public int LockoutMinutes { get; set; } = 5;
}
