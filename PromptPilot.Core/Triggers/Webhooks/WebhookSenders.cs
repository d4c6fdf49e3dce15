using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>
/// Senders that sign a time and the body, without an id: the body is the message, since a repetition is signed again at another time.
/// And what some senders expect as an answer.
/// </summary>
internal static class WebhookSenders
{
    private const int MaxSignatures = 16;

    /// <summary>https://docs.slack.dev/authentication/verifying-requests-from-slack</summary>
    public static WebhookCheck Slack(IReadOnlyList<string> secrets, WebhookRequest request, DateTimeOffset now) =>
        request.Header("X-Slack-Request-Timestamp") is { } time && request.Header("X-Slack-Signature") is { } signature
            ? Check(
                secrets,
                $"v0:{time}:",
                time,
                signature.StartsWith("v0=", StringComparison.Ordinal) ? [signature[3..]] : [],
                request,
                now
            )
            : WebhookCheck.Refused(WebhookVerdict.NotSigned, "This address accepts only requests signed by Slack.");

    /// <summary>https://docs.stripe.com/webhooks#verify-manually: <c>t=TIME,v1=SIGNATURE</c>, several while secrets are rolled.</summary>
    public static WebhookCheck Stripe(IReadOnlyList<string> secrets, WebhookRequest request, DateTimeOffset now)
    {
        if (request.Header("Stripe-Signature") is not { } header)
        {
            return WebhookCheck.Refused(WebhookVerdict.NotSigned, "This address accepts only requests signed by Stripe.");
        }

        var parts = header.Split(',', MaxSignatures + 1, StringSplitOptions.TrimEntries).Take(MaxSignatures).ToList();
        var time = parts.Find(part => part.StartsWith("t=", StringComparison.Ordinal))?[2..] ?? "";
        var signatures = parts.Where(part => part.StartsWith("v1=", StringComparison.Ordinal)).Select(part => part[3..]);
        return Check(secrets, $"{time}.", time, [.. signatures], request, now);
    }

    /// <summary>The answer to a request that only asks whether the address works, and starts no run; null: it is an event.</summary>
    public static JsonElement? Handshake(WebhookVerification verification, WebhookRequest request, JsonElement payload) =>
        verification switch
        {
            WebhookVerification.GitHub or WebhookVerification.None when request.Header("X-GitHub-Event") == "ping" => AppJson.Text("pong"),
            WebhookVerification.Slack when Text(payload, "type") == "url_verification" && Text(payload, "challenge") is { } challenge =>
                JsonSerializer.SerializeToElement(new { challenge }, AppJson.Options),
            _ => null,
        };

    /// <summary>What the sender shows to the person who caused the request; null: the usual answer.</summary>
    public static JsonElement? Reply(WebhookVerification verification, JsonElement payload) =>
        verification != WebhookVerification.Slack ? null
        : Text(payload, "command") is { } command
            ? JsonSerializer.SerializeToElement(
                new { response_type = "ephemeral", text = $"{command} has started its workflow." },
                AppJson.Options
            )
        : JsonSerializer.SerializeToElement(new { ok = true }, AppJson.Options);

    private static WebhookCheck Check(
        IReadOnlyList<string> secrets,
        string prefix,
        string time,
        IReadOnlyList<string> signatures,
        WebhookRequest request,
        DateTimeOffset now
    )
    {
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
        {
            return WebhookCheck.Refused(WebhookVerdict.Forged, "The signature's time must be a Unix timestamp in seconds.");
        }

        var given = signatures.Where(text => text.Length == 64).Select(WebhookVerifier.Hex).OfType<byte[]>().ToList();
        if (!WebhookVerifier.Matches(secrets.Select(secret => Hash(secret, prefix, request.Body.Span)), given))
        {
            return WebhookCheck.Refused(
                WebhookVerdict.Forged,
                "The signature does not match. Copy the signing secret from the sender into this trigger again."
            );
        }

        return (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > WebhookVerifier.Tolerance
            ? WebhookCheck.Refused(
                WebhookVerdict.Stale,
                "The signature is valid, but its time is more than 5 minutes off. Check the clock of this host."
            )
            : WebhookCheck.Passed("body:" + Convert.ToHexStringLower(SHA256.HashData(request.Body.Span)));
    }

    private static byte[] Hash(string secret, string prefix, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(prefix));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
