using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>Deliveries of the kind <c>slack</c>, to an incoming webhook of Slack or a compatible service.</summary>
public sealed class SlackMessages(HookHttp http, HookSecrets secrets, HookLinks links)
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    internal Task<AttemptOutcome> SendAsync(IntegrationHook hook, HookDelivery delivery, CancellationToken cancellationToken)
    {
        var payload = HookPayload.Parse(delivery.Payload);
        var message = SlackMessage.Of(payload, links.Of(payload));
        return http.PostAsync(
            new Uri(secrets.AddressOf(hook)),
            JsonSerializer.SerializeToUtf8Bytes(message, AppJson.Options),
            NoHeaders,
            cancellationToken
        );
    }
}
