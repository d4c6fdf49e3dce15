using PromptPilot.Core.Mail;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>
/// Deliveries of the kind <c>email</c>. The delivery's id is the message's, so that a repetition is the same message to the one who gets it
/// twice.
/// </summary>
public sealed class EmailMessages(MailSender mail, HookLinks links)
{
    internal async Task<AttemptOutcome> SendAsync(IntegrationHook hook, HookDelivery delivery, CancellationToken cancellationToken)
    {
        var payload = HookPayload.Parse(delivery.Payload);
        var link = links.Of(payload);
        var message = new MailMessage(
            delivery.Id,
            hook.TargetUrl[HookRules.MailTo.Length..],
            HookWords.Title(payload),
            EmailText.Plain(payload, link),
            EmailText.Html(payload, link)
        );
        var result = await mail.SendAsync(message, cancellationToken);
        return new AttemptOutcome(
            VerdictOf(result.Outcome),
            result.Outcome == MailOutcome.Accepted ? $"The mail server accepted it: {result.Text}" : result.Text,
            result.StatusCode
        );
    }

    private static AttemptVerdict VerdictOf(MailOutcome outcome) =>
        outcome switch
        {
            MailOutcome.Accepted => AttemptVerdict.Delivered,
            MailOutcome.Transient => AttemptVerdict.ServerError,
            MailOutcome.Permanent => AttemptVerdict.Rejected,
            MailOutcome.NotConfigured => AttemptVerdict.NotReady,
        };
}
