using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Settings;

/// <summary>The outcome of a test e-mail.</summary>
/// <param name="Text">Where it was sent, or why it failed, as text without secrets.</param>
public sealed record MailTest(bool IsSent, string Text);

/// <summary>Lets admins try the mail server.</summary>
public sealed class MailTestService(Operations operations, MailSender mail, IOptions<PortalSettings> portal)
{
    /// <summary>
    /// Sends one e-mail to the admin's own address. No other address is possible, so that it cannot be used to mail strangers.
    /// </summary>
    public Task<Result<MailTest>> SendAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<MailTest>(
            actor,
            Permission.Admin,
            async (db, principal) =>
            {
                if (
                    await db
                        .Users.Where(user => user.Id == principal.UserId)
                        .Select(user => user.Email)
                        .SingleOrDefaultAsync(cancellationToken)
                    is not { } address
                )
                {
                    return Problem.NotFound("account");
                }

                var sent = await mail.SendAsync(
                    new MailMessage(
                        $"test.{Guid.NewGuid():N}",
                        address,
                        $"{portal.Value.Name}: test e-mail",
                        $"This e-mail was sent from the settings page of {portal.Value.Name}. The mail server works."
                    ),
                    cancellationToken
                );
                return sent.Outcome == MailOutcome.Accepted
                    ? new MailTest(true, $"The mail server accepted an e-mail to {address}. Check that inbox and its spam folder.")
                    : new MailTest(false, sent.Text);
            },
            cancellationToken
        );
}
