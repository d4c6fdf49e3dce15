namespace PromptPilot.Core.Users;

/// <summary>Section <c>PromptPilot:Users</c>.</summary>
public sealed class UsersOptions
{
    public const string Section = "PromptPilot:Users";

    /// <summary>How often an open page and a cookie are checked against the user as the database has them; after at most this time a locked or demoted person is out. 1 to 3600.</summary>
    public int RevalidationSeconds { get; set; } = 30;

    /// <summary>Whether people need a second factor: without one they reach the page that sets it up, and nothing else.</summary>
    public bool RequireTwoFactor { get; set; }
}
