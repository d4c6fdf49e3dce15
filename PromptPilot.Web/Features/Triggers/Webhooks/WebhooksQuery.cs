using PromptPilot.Core.Triggers.Webhooks;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>The list of webhooks as its address filters it.</summary>
/// <param name="State"><c>enabled</c> or <c>disabled</c>.</param>
public sealed record WebhooksQuery(string? Text, string? State)
{
    internal WebhookFilter ToFilter() =>
        new(
            Text,
            State switch
            {
                "enabled" => true,
                "disabled" => false,
                _ => null,
            }
        );
}
