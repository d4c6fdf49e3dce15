using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users;

/// <summary>Each user has exactly one, in order of power. The table in <see cref="Permission"/> has the permissions of each.</summary>
public enum Role
{
    Viewer,
    Collaborator,
    Architect,
    Admin,
}

/// <summary>The two looks; a user without a choice follows the system.</summary>
public enum Theme
{
    Light,
    Dark,
}

/// <summary>A user's preferences.</summary>
public sealed class UserPreferences
{
    /// <summary>Id of the ModelProfile that is preselected for new steps and the playground.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>Null follows the system.</summary>
    public Theme? Theme { get; set; }

    /// <summary>
    /// Turns off single-key shortcuts, i.e. without Ctrl or Alt (such as / in lists): voice control can trigger them by accident
    /// (WCAG 2.1.4).
    /// </summary>
    public bool NoSingleKeys { get; set; }
}

/// <summary>A person who can sign in.</summary>
public sealed class User : IdentityUser, IRevised
{
    public User() => Id = Ids.New();

    public string Name { get; set; } = "";

    public Role Role { get; set; }

    public UserPreferences Preferences { get; set; } = new();

    public DateTime CreatedAt { get; set; }

    /// <summary>Set by each completed sign-in.</summary>
    public DateTime? LastLogin { get; set; }

    /// <summary>
    /// Locked by an admin until unlocked: no sign-in, no API key, no open page. (Identity's own lockout is the short one after wrong
    /// passwords.)
    /// </summary>
    public bool IsLocked { get; set; }

    /// <summary>
    /// The key of the authenticator app, encrypted with the host's key ring; null without one. In use once <c>TwoFactorEnabled</c> is
    /// set.
    /// </summary>
    public string? TotpKey { get; set; }

    /// <summary>The time step of the last code that was accepted; that one and earlier ones are no longer accepted.</summary>
    public long TotpStep { get; set; }

    /// <summary>Hashes of the recovery codes that are left.</summary>
    public List<string> RecoveryCodes { get; set; } = [];

    public int Revision { get; set; } = 1;
}
