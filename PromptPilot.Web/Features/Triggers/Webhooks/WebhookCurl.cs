using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>A command that sends a correctly signed request, as pasted into a shell with curl and openssl.</summary>
internal static class WebhookCurl
{
    /// <param name="url">URL of the trigger.</param>
    /// <param name="secret">The secret itself at creation and rotation; otherwise a placeholder is used.</param>
    /// <param name="body">JSON.</param>
    public static string Of(WebhookVerification verification, string url, string? secret, string body) =>
        verification switch
        {
            WebhookVerification.StandardWebhooks => $$"""
                SECRET={{Quoted(secret ?? "whsec_YOUR_SECRET")}}
                BODY={{Quoted(body)}}
                ID="msg_$(openssl rand -hex 12)"
                TIMESTAMP="$(date +%s)"
                KEY="$(printf '%s' "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')"
                SIGNATURE="$(printf '%s' "$ID.$TIMESTAMP.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)"
                curl {{Quoted(url)}} -H 'Content-Type: application/json' \
                  -H "webhook-id: $ID" -H "webhook-timestamp: $TIMESTAMP" -H "webhook-signature: v1,$SIGNATURE" \
                  --data-binary "$BODY"
                """,
            WebhookVerification.GitHub => $$"""
                SECRET={{Quoted(secret ?? "YOUR_SECRET")}}
                BODY={{Quoted(body)}}
                SIGNATURE="$(printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d ' ' -f 1)"
                curl {{Quoted(url)}} -H 'Content-Type: application/json' \
                  -H "X-GitHub-Delivery: $(openssl rand -hex 16)" -H "X-Hub-Signature-256: sha256=$SIGNATURE" \
                  --data-binary "$BODY"
                """,
            WebhookVerification.Bearer => $$"""
                SECRET={{Quoted(secret ?? "YOUR_SECRET")}}
                BODY={{Quoted(body)}}
                curl {{Quoted(url)}} -H 'Content-Type: application/json' \
                  -H "Authorization: Bearer $SECRET" -H "Idempotency-Key: $(openssl rand -hex 12)" \
                  --data-binary "$BODY"
                """,
            WebhookVerification.Slack => $$"""
                SECRET={{Quoted("YOUR_SIGNING_SECRET")}}
                BODY={{Quoted(body)}}
                TIMESTAMP="$(date +%s)"
                SIGNATURE="$(printf '%s' "v0:$TIMESTAMP:$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d ' ' -f 1)"
                curl {{Quoted(url)}} -H 'Content-Type: application/json' \
                  -H "X-Slack-Request-Timestamp: $TIMESTAMP" -H "X-Slack-Signature: v0=$SIGNATURE" \
                  --data-binary "$BODY"
                """,
            WebhookVerification.Stripe => $$"""
                SECRET={{Quoted("whsec_YOUR_SECRET")}}
                BODY={{Quoted(body)}}
                TIMESTAMP="$(date +%s)"
                SIGNATURE="$(printf '%s' "$TIMESTAMP.$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d ' ' -f 1)"
                curl {{Quoted(url)}} -H 'Content-Type: application/json' \
                  -H "Stripe-Signature: t=$TIMESTAMP,v1=$SIGNATURE" --data-binary "$BODY"
                """,
            WebhookVerification.GitLab => $$"""
                SECRET={{Quoted(secret ?? "YOUR_SECRET")}}
                BODY={{Quoted(body)}}
                curl {{Quoted(url)}} -H 'Content-Type: application/json' \
                  -H "X-Gitlab-Token: $SECRET" -H "Idempotency-Key: $(openssl rand -hex 12)" --data-binary "$BODY"
                """,
            WebhookVerification.None => $$"""
                BODY={{Quoted(body)}}
                curl {{Quoted(url)}} -H 'Content-Type: application/json' -H "Idempotency-Key: $(openssl rand -hex 12)" --data-binary "$BODY"
                """,
        };

    /// <summary>A text quoted as one word for the shell.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
