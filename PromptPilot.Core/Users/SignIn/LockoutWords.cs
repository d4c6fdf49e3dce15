using System.Globalization;
using Microsoft.AspNetCore.Identity;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>Explains the lockout with the current limits, which admins can change under Settings.</summary>
internal static class LockoutWords
{
    public static string Of(LockoutOptions lockout) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"After {lockout.MaxFailedAccessAttempts} wrong passwords in a row, the account is locked for {Minutes(lockout)}."
        );

    /// <summary>The lockout duration, e.g. <c>5 minutes</c>.</summary>
    public static string Minutes(LockoutOptions lockout) =>
        lockout.DefaultLockoutTimeSpan.TotalMinutes is 1
            ? "1 minute"
            : string.Create(CultureInfo.InvariantCulture, $"{lockout.DefaultLockoutTimeSpan.TotalMinutes:N0} minutes");
}
