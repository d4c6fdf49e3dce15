using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>Bodies as the inbox keeps them: bounded, and without values whose field is named like a secret.</summary>
internal static class WebhookBodies
{
    /// <summary>Characters kept of a request that passed the verification; a longer one cannot be replayed.</summary>
    public const int MaxKept = 256 * 1024;

    /// <summary>Characters kept of one that did not: enough to see what it was.</summary>
    public const int MaxKeptOfStrangers = 4 * 1024;

    /// <param name="IsWhole">It can be replayed.</param>
    public sealed record Kept(string Text, bool IsWhole);

    /// <param name="payload">The body as read; null when it could not be.</param>
    /// <param name="secrets">The trigger's secrets, which are removed wherever they occur.</param>
    public static Kept Keep(
        string? contentType,
        ReadOnlyMemory<byte> body,
        JsonElement? payload,
        bool passed,
        IReadOnlyList<string> secrets
    )
    {
        var decoded = WebhookPayload.Decode(body);
        var limit = passed ? MaxKept : MaxKeptOfStrangers;
        var text = decoded ?? Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, limit)]);
        if (contentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
        {
            text = RedactedForm(text, payload);
        }
        else
        {
            text = RedactedJson(text);
        }

        foreach (var secret in secrets)
        {
            text = text.Replace(secret, WebhookHeaders.Redacted, StringComparison.Ordinal);
        }

        var isWhole = decoded is not null && payload is not null && text.Length <= limit;
        return new Kept(Unicode.WellFormed(Shorten.Cut(text, limit)), isWhole);
    }

    /// <summary>The text as it was, unless a field had to be emptied.</summary>
    private static string RedactedJson(string text)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return text;
        }

        try
        {
            var node = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = JsonLimits.CarriedDepth });
            return node is not null && Redact(node) ? node.ToJsonString(AppJson.Options) : text;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return text;
        }
    }

    private static bool Redact(JsonNode node)
    {
        var changed = false;
        if (node is JsonObject fields)
        {
            foreach (var name in fields.Select(field => field.Key).ToList())
            {
                if (fields[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && WebhookHeaders.IsSecret(name))
                {
                    fields[name] = WebhookHeaders.Redacted;
                    changed = true;
                }
                else if (fields[name] is { } child)
                {
                    changed |= Redact(child);
                }
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items.OfType<JsonNode>())
            {
                changed |= Redact(item);
            }
        }

        return changed;
    }

    private static string RedactedForm(string text, JsonElement? payload)
    {
        if (
            payload is not { ValueKind: JsonValueKind.Object } fields
            || !fields.EnumerateObject().Any(field => WebhookHeaders.IsSecret(field.Name))
        )
        {
            return text;
        }

        var form = new FormReader(text).ReadForm();
        return string.Join(
            '&',
            form.SelectMany(field =>
                field.Value.Select(value =>
                    $"{Uri.EscapeDataString(field.Key)}="
                    + (WebhookHeaders.IsSecret(field.Key) ? WebhookHeaders.Redacted : Uri.EscapeDataString(value ?? ""))
                )
            )
        );
    }
}
