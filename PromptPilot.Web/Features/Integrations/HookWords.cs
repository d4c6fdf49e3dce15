using PromptPilot.Core.Integrations;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>Labels and fields of the kinds of hooks.</summary>
/// <param name="AddressHelp">Below the field of the address.</param>
internal sealed record HookKind(HookType Type, string Title, string Text, string AddressLabel, string AddressHint, string AddressHelp)
{
    public static readonly IReadOnlyList<HookKind> All =
    [
        new(
            HookType.Webhook,
            "Webhook",
            "A signed POST with the result as JSON, for another program.",
            "Address",
            "https://example.org/hooks/results",
            "Where the POST is sent. It is signed with Standard Webhooks so the receiver can verify it."
        ),
        new(
            HookType.Slack,
            "Slack",
            "A message in a channel, through an incoming webhook.",
            "Incoming webhook",
            "https://hooks.slack.com/services/…",
            "Create one in Slack under “Incoming Webhooks” and paste its address. Anyone who knows it can post, so it is "
                + "stored encrypted and not shown again."
        ),
        new(
            HookType.Email,
            "E-mail",
            "An e-mail to one address or mailing list.",
            "Address",
            "mailto:team@example.org",
            "Recipient. The mail server is configured in the settings."
        ),
    ];

    public static HookKind Of(HookType type) => All.Single(kind => kind.Type == type);
}

/// <summary>Texts of hooks and deliveries.</summary>
internal static class HookWords
{
    public static StatusLook Of(DeliveryState state) =>
        state switch
        {
            DeliveryState.Pending => new StatusLook("…", "Waiting", "run"),
            DeliveryState.Delivered => new StatusLook("✓", "Delivered", "ok"),
            DeliveryState.Failed => new StatusLook("✕", "Failed", "bad"),
        };

    public static StatusLook Of(AttemptVerdict verdict) =>
        verdict switch
        {
            AttemptVerdict.Delivered => new StatusLook("✓", "Delivered", "ok"),
            AttemptVerdict.Timeout => new StatusLook("!", "No response", "warn"),
            AttemptVerdict.Unreachable => new StatusLook("!", "Unreachable", "warn"),
            AttemptVerdict.RateLimited => new StatusLook("!", "Rate limited", "warn"),
            AttemptVerdict.ServerError => new StatusLook("!", "Receiver error", "warn"),
            AttemptVerdict.Rejected => new StatusLook("✕", "Refused", "bad"),
            AttemptVerdict.Redirected => new StatusLook("✕", "Redirected", "bad"),
            AttemptVerdict.Gone => new StatusLook("✕", "Gone", "bad"),
            AttemptVerdict.AddressRefused => new StatusLook("✕", "Address not allowed", "bad"),
            AttemptVerdict.NotReady => new StatusLook("!", "Not set up", "warn"),
        };

    public static string Of(HookEvent? what) =>
        what is not { } happened
            ? "Test"
            : happened switch
            {
                HookEvent.Succeeded => "Run succeeded",
                HookEvent.Failed => "Run failed",
                HookEvent.Waiting => "Waiting for review",
                HookEvent.ChangeRequested => "Change requested",
                HookEvent.ChangeApproved => "Change approved",
                HookEvent.ChangeRejected => "Change rejected",
                HookEvent.ChangeWithdrawn => "Change withdrawn",
                HookEvent.ChangeApplied => "Change applied",
            };
}
