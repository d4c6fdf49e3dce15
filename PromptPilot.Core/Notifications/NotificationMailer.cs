using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// E-mails due notifications. Mail that was sent but not recorded when the host died is sent again, under the same Message-ID.
/// </summary>
internal sealed class NotificationMailer(
    IDbContextFactory<PromptPilotDbContext> contexts,
    MailSender mail,
    PortalAddress portal,
    TimeProvider time,
    ILogger<NotificationMailer> log
)
{
    private const int Most = 20;

    /// <summary>Delays after temporary failures. After the last one it is given up: the bell showed it long ago.</summary>
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(8),
    ];

    public async Task SendDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var due = await db
            .Notifications.AsNoTracking()
            .Where(one => one.MailDueAt <= now)
            .OrderBy(one => one.MailDueAt)
            .Take(Most)
            .Join(
                db.Users,
                one => one.UserId,
                user => user.Id,
                (one, user) =>
                    new
                    {
                        Notification = one,
                        user.Email,
                        user.IsLocked,
                    }
            )
            .ToListAsync(cancellationToken);
        foreach (var row in due)
        {
            // Locked users must not learn what happens in the portal.
            var result = row.IsLocked
                ? new MailResult(MailOutcome.Permanent, "The account is locked.")
                : await mail.SendAsync(Compose(row.Notification, row.Email ?? ""), cancellationToken);
            var attempts = row.Notification.MailAttempts + 1;
            DateTime? next =
                result.Outcome == MailOutcome.Transient && attempts <= Waits.Length
                    ? time.GetUtcNow().UtcDateTime + Waits[attempts - 1]
                    : null;
            if (result.Outcome != MailOutcome.Accepted && next is null)
            {
                log.LogWarning("Notification {Id} could not be e-mailed: {Text}", row.Notification.Id, result.Text);
            }

            await db
                .Notifications.Where(one => one.Id == row.Notification.Id)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(one => one.MailDueAt, next).SetProperty(one => one.MailAttempts, attempts),
                    cancellationToken
                );
        }
    }

    private MailMessage Compose(Notification one, string address)
    {
        var link = portal.LinkTo(one.Link);
        var (open, reason) = one.Kind switch
        {
            NotificationKind.Approval => ("Open the change", "You receive this because your role can approve changes."),
            NotificationKind.ChangeDecided => ("Open the change", "You receive this because you requested the change."),
            NotificationKind.RunFailed => (
                "Open the run",
                "You receive this because you own the workflow. The same cause is reported at most once an hour."
            ),
            NotificationKind.ModelEnding => (
                "Open the page",
                "You receive this because you are an admin or own a workflow that uses the model."
            ),
            NotificationKind.ModelOutage => ("Open the model profile", "You receive this because you are an admin."),
            NotificationKind.Review or NotificationKind.ScheduleBroken or NotificationKind.HookDisabled or NotificationKind.Imported => (
                "Open the page",
                "You receive this because you own the workflow."
            ),
        };
        var html = $"""
            <!DOCTYPE html><html><head><meta charset="utf-8"></head><body style="font-family:sans-serif;font-size:14px;line-height:1.5;color:#1b1f27">
            <h1 style="font-size:18px">{WebUtility.HtmlEncode(one.Title)}</h1><p>{WebUtility.HtmlEncode(
                one.Cause
            )}</p><p><a href="{WebUtility.HtmlEncode(link)}">{open}</a></p><p style="color:#5b6472">{reason}</p></body></html>
            """;
        return new MailMessage(one.Id, address, one.Title, $"{one.Title}\n\n{one.Cause}\n\n{link}\n\n{reason}\n", html);
    }
}
