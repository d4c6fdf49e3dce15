using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>
/// Checks that a request comes from a sender who knows a secret of the trigger, and is recent. Every secret is compared in constant time,
/// even after one has matched.
/// </summary>
internal static class WebhookVerifier
{
    /// <summary>The most that the sender's clock may differ from ours.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Longer ids are refused: they would be stored.</summary>
    public const int MaxIdLength = 200;

    private const int MaxSignatures = 16;

    /// <param name="secrets">Those valid now: the current one, and the one before it while both are. Not read for
    /// <see cref="WebhookVerification.None"/>.</param>
    public static WebhookCheck Check(
        WebhookVerification verification,
        IReadOnlyList<string> secrets,
        WebhookRequest request,
        DateTimeOffset now
    ) =>
        verification switch
        {
            WebhookVerification.StandardWebhooks => Standard(secrets, request, now),
            WebhookVerification.GitHub => GitHub(secrets, request),
            WebhookVerification.Bearer => Bearer(secrets, request),
            WebhookVerification.Slack => WebhookSenders.Slack(secrets, request, now),
            WebhookVerification.Stripe => WebhookSenders.Stripe(secrets, request, now),
            WebhookVerification.GitLab => GitLab(secrets, request),
            WebhookVerification.None => WithOptionalKey(request),
        };

    private static WebhookCheck Standard(IReadOnlyList<string> secrets, WebhookRequest request, DateTimeOffset now)
    {
        if (
            (request.Header("webhook-id") ?? request.Header("svix-id")) is not { } id
            || (request.Header("webhook-timestamp") ?? request.Header("svix-timestamp")) is not { } timestamp
            || (request.Header("webhook-signature") ?? request.Header("svix-signature")) is not { } signatures
        )
        {
            return WebhookCheck.Refused(
                WebhookVerdict.NotSigned,
                "This address accepts only signed requests. Send the Standard Webhooks headers webhook-id, webhook-timestamp "
                    + "and webhook-signature."
            );
        }

        // A dot in the id would let the border between id, timestamp and body be moved under one signature.
        if (id.Length > MaxIdLength || id.Contains('.', StringComparison.Ordinal))
        {
            return WebhookCheck.Refused(WebhookVerdict.Forged, $"The webhook-id can have at most {MaxIdLength} characters and no dot.");
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
        {
            return WebhookCheck.Refused(WebhookVerdict.Forged, "The webhook-timestamp must be a Unix timestamp in seconds.");
        }

        if (
            !Matches(
                // One that was pasted for another sender may not be base64.
                secrets
                    .Where(WebhookSignatures.IsStandardSecret)
                    .Select(secret => WebhookSignatures.StandardHash(secret, id, timestamp, request.Body.Span)),
                StandardSignatures(signatures)
            )
        )
        {
            return WebhookCheck.Refused(
                WebhookVerdict.Forged,
                "The signature does not match. Check the secret, and sign the exact bytes of the body."
            );
        }

        return (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance
            ? WebhookCheck.Refused(
                WebhookVerdict.Stale,
                "The signature is valid, but the webhook-timestamp is more than 5 minutes off. Sign the request when you send "
                    + "it, and check the clock."
            )
            : WebhookCheck.Passed("id:" + id);
    }

    /// <summary>
    /// GitHub signs the body alone: neither the delivery's id nor a time. So the body is the message: who sends a captured request again
    /// under another id gets the first run.
    /// </summary>
    private static WebhookCheck GitHub(IReadOnlyList<string> secrets, WebhookRequest request)
    {
        if (request.Header("X-Hub-Signature-256") is not { } signature)
        {
            return WebhookCheck.Refused(
                WebhookVerdict.NotSigned,
                "This address accepts only signed requests. Set a secret in the sender so that it sends the header X-Hub-Signature-256."
            );
        }

        var given =
            signature.StartsWith("sha256=", StringComparison.OrdinalIgnoreCase) && signature.Length == 71 ? Hex(signature[7..]) : null;
        return Matches(secrets.Select(secret => WebhookSignatures.GitHubHash(secret, request.Body.Span)), given is null ? [] : [given])
            ? WebhookCheck.Passed("body:" + Convert.ToHexStringLower(SHA256.HashData(request.Body.Span)))
            : WebhookCheck.Refused(WebhookVerdict.Forged, "The signature does not match. Check the secret in the sender.");
    }

    private static WebhookCheck Bearer(IReadOnlyList<string> secrets, WebhookRequest request)
    {
        const string Scheme = "Bearer ";
        if (
            request.Header("Authorization") is not { } authorization
            || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        )
        {
            return WebhookCheck.Refused(
                WebhookVerdict.NotSigned,
                "This address requires its secret. Send the header Authorization: Bearer SECRET."
            );
        }

        // Compares hashes, so that the timing does not reveal the length either.
        return Matches(
            secrets.Select(secret => SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            [SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()))]
        )
            ? WithOptionalKey(request)
            : WebhookCheck.Refused(WebhookVerdict.Forged, "The bearer secret is wrong. Use the current secret of the trigger.");
    }

    private static WebhookCheck GitLab(IReadOnlyList<string> secrets, WebhookRequest request)
    {
        if (request.Header("X-Gitlab-Token") is not { } token)
        {
            return WebhookCheck.Refused(
                WebhookVerdict.NotSigned,
                "This address requires its secret. Enter it as the secret token of the webhook in GitLab."
            );
        }

        return Matches(
            secrets.Select(secret => SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            [SHA256.HashData(Encoding.UTF8.GetBytes(token))]
        )
            ? WithOptionalKey(request)
            : WebhookCheck.Refused(WebhookVerdict.Forged, "The secret token is wrong. Use the current secret of the trigger.");
    }

    private static WebhookCheck WithOptionalKey(WebhookRequest request)
    {
        if ((request.Header("webhook-id") ?? request.Header("X-GitHub-Delivery")) is { Length: <= MaxIdLength } id)
        {
            return WebhookCheck.Passed("id:" + id);
        }

        return request.Header("Idempotency-Key") switch
        {
            { Length: > MaxIdLength } => WebhookCheck.Refused(
                WebhookVerdict.Unreadable,
                $"An Idempotency-Key can have at most {MaxIdLength} characters."
            ),
            { } key => WebhookCheck.Passed("key:" + key),
            null => WebhookCheck.Passed(null),
        };
    }

    private static List<byte[]> StandardSignatures(string header)
    {
        var found = new List<byte[]>();
        foreach (
            var part in header
                .Split(' ', MaxSignatures + 1, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Take(MaxSignatures)
        )
        {
            // Other versions, such as v1a, are for other keys; a comma may also join several headers of the name.
            if (part.StartsWith("v1,", StringComparison.Ordinal) && part.Length == 47)
            {
                var bytes = new byte[SHA256.HashSizeInBytes];
                if (Convert.TryFromBase64String(part[3..], bytes, out var length) && length == bytes.Length)
                {
                    found.Add(bytes);
                }
            }
        }

        return found;
    }

    /// <summary>A SHA-256 in hexadecimal; null if it is none.</summary>
    internal static byte[]? Hex(string text)
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        return Convert.FromHexString(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done && written == bytes.Length
            ? bytes
            : null;
    }

    internal static bool Matches(IEnumerable<byte[]> expected, IReadOnlyList<byte[]> given)
    {
        var matches = false;
        foreach (var hash in expected)
        {
            foreach (var signature in given)
            {
                matches |= CryptographicOperations.FixedTimeEquals(hash, signature);
            }
        }

        return matches;
    }
}
