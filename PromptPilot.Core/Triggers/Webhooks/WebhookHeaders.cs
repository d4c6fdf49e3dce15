using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>
/// Which headers of a request are passed on: to the run's key <c>trigger</c> only known ones, to the inbox all, without what is secret.
/// </summary>
internal static class WebhookHeaders
{
    public const string Redacted = "[redacted]";

    private const int MaxValue = 1000;
    private const int MaxStored = 60;

    /// <summary>Headers that say what a message is about, never those that prove who sent it.</summary>
    private static readonly HashSet<string> Allowed = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
        "idempotency-key",
        "x-request-id",
        "x-event-type",
        "x-event-key",
        "x-event-id",
        "x-github-event",
        "x-github-delivery",
        "x-github-hook-id",
        "x-gitea-event",
        "x-gitea-delivery",
        "x-gitlab-event",
        "x-gitlab-event-uuid",
        "x-hook-uuid",
        "x-slack-retry-num",
        "x-slack-retry-reason",
        "svix-id",
        "svix-timestamp",
        "x-shopify-topic",
        "x-shopify-shop-domain",
        "x-atlassian-webhook-identifier",
        "ce-id",
        "ce-type",
        "ce-source",
        "ce-subject",
        "ce-time",
        "ce-specversion",
    };

    private static readonly string[] SecretWords =
    [
        "authorization",
        "cookie",
        "signature",
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "credential",
        "privatekey",
        "accesskey",
    ];

    /// <summary>For expressions: <c>X-GitHub-Event</c> is read as <c>trigger.headers.x_github_event</c>.</summary>
    public static Dictionary<string, string> ForRun(IReadOnlyDictionary<string, string> headers) =>
        headers
            .Where(header => Allowed.Contains(header.Key))
            .ToDictionary(header => header.Key.ToLowerInvariant().Replace('-', '_'), header => Cut(header.Value));

    /// <summary>For the inbox.</summary>
    public static Dictionary<string, string> ForInbox(IReadOnlyDictionary<string, string> headers) =>
        headers
            .OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
            .Take(MaxStored)
            .ToDictionary(header => Cut(header.Key), header => IsSecret(header.Key) ? Redacted : Cut(header.Value));

    /// <summary>True when the name of a header or field suggests a secret.</summary>
    public static bool IsSecret(string name)
    {
        var plain = name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        return SecretWords.Any(word => plain.Contains(word, StringComparison.Ordinal));
    }

    private static string Cut(string value) => Shared.Unicode.WellFormed(Shorten.Text(value, MaxValue));
}
