using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Users.Passwords;

/// <summary>
/// Creates links to set a password, and e-mails them to their user if a mail server is configured. They are never logged.
/// </summary>
public sealed class PasswordLinks(MailSender mail, PortalAddress portal, IOptions<PortalSettings> settings, TimeProvider time)
{
    /// <summary>Creates a single-use link. The caller sees it only if it was not sent to its user.</summary>
    internal async Task<PasswordLink> MakeAsync(UserManager<User> users, User user, CancellationToken cancellationToken)
    {
        var token = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(await users.GeneratePasswordResetTokenAsync(user)));
        var link = new PasswordLink(
            $"/account/set-password?user={user.Id}&token={token}",
            time.GetUtcNow().UtcDateTime + UsersSetup.PasswordLinkLife
        );

        // The link of a locked user works only after unlocking, so the admin gets it, but no mail is sent.
        if (!mail.IsConfigured || user.IsLocked)
        {
            return link;
        }

        var result = await mail.SendAsync(
            Compose(user, portal.LinkTo(link.Path!), link.ExpiresAt) with
            {
                Secret = token,
            },
            cancellationToken
        );
        var isSent = result.Outcome == MailOutcome.Accepted;
        return link with { Path = isSent ? null : link.Path, Mail = new LinkMail(user.Email!, isSent, result.Text, portal.LinkTo("/")) };
    }

    private MailMessage Compose(User user, string link, DateTime expiresAt)
    {
        var isNew = user is { PasswordHash: null, LastLogin: null };
        var name = settings.Value.Name;
        var subject = isNew ? $"Your invitation to {name}" : $"A new password for {name}";
        var hello = $"Hello {user.Name},";
        var what = isNew
            ? $"You have been invited to {name} at {portal.LinkTo("/")}. Your sign-in name is {user.Email}. Choose a password to "
                + "get started:"
            : $"An admin of {name} at {portal.LinkTo("/")} created a link for you to choose a new password for {user.Email}:";
        var until = string.Create(
            CultureInfo.InvariantCulture,
            $"The link works once, until {expiresAt:d MMMM yyyy, HH:mm} UTC. Do not forward it: anyone who has it can choose the password."
        );
        var unexpected = isNew
            ? "If you did not expect this, you can ignore this e-mail."
            : "If you did not request this, tell your admin.";
        var html = $"""
            <!DOCTYPE html><html><head><meta charset="utf-8"></head><body style="font-family:sans-serif;font-size:14px;line-height:1.5;color:#1b1f27">
            <h1 style="font-size:18px">{Encode(subject)}</h1><p>{Encode(hello)}</p><p>{Encode(what)}</p><p><a href="{Encode(
                link
            )}">Choose a password</a></p><p style="color:#5b6472">{until} {unexpected}</p></body></html>
            """;
        return new MailMessage(
            Guid.CreateVersion7().ToString("N"),
            user.Email!,
            subject,
            $"{hello}\n\n{what}\n\n{link}\n\n{until} {unexpected}\n",
            html
        );
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
