using System.Text.Json;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>What known senders send, to pick values from before the first request has arrived.</summary>
internal static class WebhookExamples
{
    private static readonly Dictionary<WebhookVerification, JsonElement> All = new()
    {
        [WebhookVerification.GitHub] = Of(
            """
            {"action":"opened","issue":{"number":12,"title":"Export fails","body":"Steps to reproduce","user":{"login":"ann"}},
            "repository":{"full_name":"acme/portal"},"sender":{"login":"ann"}}
            """,
            """{"x_github_event":"issues"}"""
        ),
        [WebhookVerification.GitLab] = Of(
            """
            {"object_kind":"issue","user":{"name":"Ann"},"project":{"path_with_namespace":"acme/portal"},
            "object_attributes":{"iid":12,"title":"Export fails","description":"Steps to reproduce","action":"open"}}
            """,
            """{"x_gitlab_event":"Issue Hook"}"""
        ),
        [WebhookVerification.Slack] = Of(
            """
            {"command":"/summarize","text":"the last release","user_name":"ann","channel_name":"general","type":"event_callback",
            "event":{"type":"app_mention","user":"U061F7AUR","text":"Summarize this","channel":"C0LAN2Q65"}}
            """,
            "{}"
        ),
        [WebhookVerification.Stripe] = Of(
            """
            {"id":"evt_1","type":"invoice.payment_failed","data":{"object":{"id":"in_1","customer_email":"ann@example.org",
            "amount_due":1999,"currency":"eur"}}}
            """,
            "{}"
        ),
    };

    /// <summary>An example of a sender as the value of <c>trigger</c>; null for one whose messages have no common form.</summary>
    public static JsonElement? Of(WebhookVerification verification) =>
        All.TryGetValue(verification, out var example) ? example : (JsonElement?)null;

    private static JsonElement Of(string payload, string headers) =>
        JsonElement.Parse($$"""{"id":"example","receivedAt":"2026-01-31T06:00:00Z","payload":{{payload}},"headers":{{headers}}}""");
}
