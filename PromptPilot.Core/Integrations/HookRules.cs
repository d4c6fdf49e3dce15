using PromptPilot.Core.Mail;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;

namespace PromptPilot.Core.Integrations;

/// <summary>Validates hooks before they are stored.</summary>
internal static class HookRules
{
    public const int MaxName = 200;
    public const int MaxUrl = 2000;
    public const string MailTo = "mailto:";

    /// <summary>Everything that is wrong, at its field.</summary>
    /// <param name="address">The whole address that it would have; see <see cref="AddressOf"/>.</param>
    /// <param name="stored">The hook that is being changed; null for a new one.</param>
    /// <param name="known">The whole address of the stored hook; null: none, or it cannot be decrypted.</param>
    /// <param name="keys">The output keys of the workflow.</param>
    public static List<FieldError> Check(
        HookContent content,
        string address,
        IntegrationHook? stored,
        string? known,
        IReadOnlyCollection<string> keys,
        HookAddresses addresses
    )
    {
        var errors = new List<FieldError>();
        void Unless(bool isRight, string field, string message)
        {
            if (!isRight)
            {
                errors.Add(new FieldError(field, message));
            }
        }

        Unless(stored is null || stored.Type == content.Type, "type", "The kind of a hook cannot change. Create another hook instead.");
        Unless(
            content.Name is null || content.Name.Trim().Length is > 0 and <= MaxName,
            "name",
            $"Enter a name of at most {MaxName} characters."
        );
        if (AddressProblem(content.Type, address, addresses) is { } wrong)
        {
            Unless(false, "targetUrl", wrong);
        }

        CheckToken(content, address != known, stored, Unless);
        Unless(
            content.Type == HookType.Webhook || string.IsNullOrWhiteSpace(content.Body),
            "body",
            "Only webhooks can have a custom body. Leave this empty."
        );
        Unless(content.On.Count > 0, "on", "Choose at least one event. Otherwise nothing is sent.");
        if (content.Outputs?.FirstOrDefault(output => !keys.Contains(output)) is { } unknown)
        {
            Unless(
                false,
                "outputs",
                $"The workflow has no output “{unknown}”. It has {(keys.Count == 0 ? "none" : string.Join(", ", keys))}."
            );
        }

        return errors;
    }

    /// <summary>The whole address: the entered one, or where only the beginning is shown, the stored one.</summary>
    public static string AddressOf(HookContent content, IntegrationHook? stored, HookSecrets secrets)
    {
        var typed = content.TargetUrl?.Trim() ?? "";
        if (content.Type == HookType.Email)
        {
            return typed.StartsWith(MailTo, StringComparison.OrdinalIgnoreCase) ? MailTo + typed[MailTo.Length..] : MailTo + typed;
        }

        return stored is { SecretUrl: not null } && (typed.Length == 0 || typed == stored.TargetUrl) ? secrets.AddressOf(stored) : typed;
    }

    /// <summary>Masks a secret address: only its host is shown.</summary>
    public static string Mask(string address) => new Uri(address).GetLeftPart(UriPartial.Authority) + "/…";

    private static string? AddressProblem(HookType type, string address, HookAddresses addresses) =>
        address.Length > MaxUrl
            ? $"An address can have at most {MaxUrl:N0} characters."
            : type switch
            {
                HookType.Webhook => addresses.Problem(address),
                HookType.Slack when address.Length == 0 =>
                    "Paste the address of the incoming webhook. It starts with https://hooks.slack.com/.",
                HookType.Slack => addresses.Problem(address),
                HookType.Email => MailAddresses.Problem(address[MailTo.Length..]),
            };

    private static void CheckToken(HookContent content, bool isMoved, IntegrationHook? stored, Action<bool, string, string> unless)
    {
        var token = content.AuthToken?.Trim();
        if (content.Type != HookType.Webhook)
        {
            unless(
                string.IsNullOrEmpty(token),
                "authToken",
                content.Type == HookType.Slack
                    ? "Slack needs no secret other than the address. Leave this empty."
                    : "E-mails are not signed with a secret. Leave this empty."
            );
            return;
        }

        unless(
            token is null || WebhookSignatures.IsStandardSecret(token),
            "authToken",
            "A Standard Webhooks secret is whsec_ followed by 16 to 128 bytes in base64. Leave this empty to generate one."
        );
        unless(
            !(stored?.AuthToken is not null && isMoved && token is null),
            "authToken",
            "The address changed. Enter the secret again, so that it is not used for the wrong receiver."
        );
    }
}
