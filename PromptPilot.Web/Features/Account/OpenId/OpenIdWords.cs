using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Web.Features.Account.OpenId;

/// <summary>What people read when the provider's sign-in did not work.</summary>
internal static class OpenIdWords
{
    /// <summary>The text for an outcome in a page's address; null for none, and for one that does not exist.</summary>
    public static string? Of(string? outcome, OpenIdOptions settings) =>
        settings.IsConfigured && Enum.TryParse<OpenIdOutcome>(outcome, out var known) && Enum.IsDefined(known) ? Of(known, settings) : null;

    private static string? Of(OpenIdOutcome outcome, OpenIdOptions settings)
    {
        var name = settings.Name;
        return outcome switch
        {
            OpenIdOutcome.SignedIn or OpenIdOutcome.SecondFactor or OpenIdOutcome.Linked => null,
            OpenIdOutcome.Failed => $"Sign-in with {name} failed. Try again.",
            OpenIdOutcome.Denied => $"{name} denied the sign-in. Try again, or ask your company for access.",
            OpenIdOutcome.Unreachable => settings.RestrictsPasswords
                ? $"{name} is not available right now. Try again in a moment. Emergency admins can sign in with their password."
                : $"{name} is not available right now. Try again in a moment, or sign in with your password.",
            OpenIdOutcome.Misconfigured =>
                $"{name} refused this portal’s request. An admin must check the client id and secret in the settings, and that {name} "
                    + $"lists this portal's address with {OpenIdPaths.Callback} as a redirect URI.",
            OpenIdOutcome.UnverifiedEmail => $"{name} has not verified your e-mail address. Verify it there, then sign in again.",
            OpenIdOutcome.EmailTaken => settings.RestrictsPasswords
                ? "Your account is not linked yet. Ask an admin to turn on “Link existing users by e-mail” in the settings."
                : $"Your account is not linked yet. Sign in with your password, then link {name} on the Account page.",
            OpenIdOutcome.NotInvited => "You have no account here yet. Ask an admin to invite you.",
            OpenIdOutcome.NoRole => "None of your groups has access to this portal. Ask an admin for access.",
            OpenIdOutcome.Locked => "This account is locked. Ask an admin to unlock it.",
            OpenIdOutcome.LinkedElsewhere =>
                $"Your account here or your {name} account is already linked to a different account. Remove that link first.",
            OpenIdOutcome.LinkExpired => "Your account was not linked: it took too long, or another user signed in. Start again.",
        };
    }
}
