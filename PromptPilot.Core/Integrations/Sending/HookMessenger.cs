using System.Security.Cryptography;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>Sends one delivery once, in the way of its hook's kind.</summary>
public sealed class HookMessenger(WebhookMessages webhooks, SlackMessages slack, EmailMessages emails)
{
    /// <returns>The outcome. A failure is an outcome, never an exception.</returns>
    /// <exception cref="OperationCanceledException">The host stops.</exception>
    internal async Task<AttemptOutcome> SendAsync(IntegrationHook hook, HookDelivery delivery, CancellationToken cancellationToken)
    {
        using var telemetry = DeliveryTelemetry.Begin(hook, delivery);
        var outcome = await SendOnceAsync(hook, delivery, cancellationToken);
        telemetry?.End(outcome);
        return outcome;
    }

    private async Task<AttemptOutcome> SendOnceAsync(IntegrationHook hook, HookDelivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            return hook.Type switch
            {
                HookType.Webhook => await webhooks.SendAsync(hook, delivery, cancellationToken),
                HookType.Slack => await slack.SendAsync(hook, delivery, cancellationToken),
                HookType.Email => await emails.SendAsync(hook, delivery, cancellationToken),
            };
        }
        catch (CryptographicException)
        {
            return new AttemptOutcome(
                AttemptVerdict.NotReady,
                "The hook's secret cannot be decrypted: the host's key ring was changed or lost. Enter the secret again."
            );
        }
    }
}
