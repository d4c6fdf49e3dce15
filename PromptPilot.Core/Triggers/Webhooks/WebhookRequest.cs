using System.Text.Json;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>A request as it came to <c>/hooks/{triggerId}</c>, before anything in it is believed.</summary>
/// <param name="Headers">Headers by case-insensitive name; several with one name are joined by commas.</param>
/// <param name="Body">The bytes that were signed; at most <see cref="MaxBody"/>.</param>
public sealed record WebhookRequest(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The most that a body may hold, in bytes.</summary>
    public const int MaxBody = 1024 * 1024;

    internal string? Header(string name) => Headers.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    internal string? ContentType => Header("Content-Type");
}

/// <summary>The outcome of a request. Values below <see cref="NotSigned"/> passed verification.</summary>
public enum WebhookVerdict
{
    /// <summary>A run was started.</summary>
    Accepted,

    /// <summary>The same message came before; the answer named the first run.</summary>
    Repeated,

    /// <summary>Someone started it again from the inbox.</summary>
    Replayed,

    /// <summary>The body could not be read.</summary>
    Unreadable,

    /// <summary>The expressions did not give the inputs that the workflow needs.</summary>
    Unmapped,

    /// <summary>The workflow could not run, for example since it is archived.</summary>
    Refused,

    /// <summary>Data that verification needs is missing.</summary>
    NotSigned,

    /// <summary>Signed or secured with something else than a valid secret of the trigger.</summary>
    Forged,

    /// <summary>Signed more than five minutes ago, or as much in the future.</summary>
    Stale,

    /// <summary>The body was over the limit; it was not read.</summary>
    TooLarge,

    /// <summary>The trigger is switched off.</summary>
    Disabled,
}

/// <summary>A request's standing after verification.</summary>
/// <param name="Refusal">Null when it passed.</param>
/// <param name="Reason">A sentence for the sender and the inbox; empty when it passed.</param>
/// <param name="MessageKey">The key that identifies repetitions of the message; null when the sender sends none.</param>
internal sealed record WebhookCheck(WebhookVerdict? Refusal, string Reason, string? MessageKey)
{
    public static WebhookCheck Refused(WebhookVerdict verdict, string reason) => new(verdict, reason, null);

    public static WebhookCheck Passed(string? messageKey) => new(null, "", messageKey);
}

/// <summary>The value of <c>trigger</c> in a webhook's expressions and in the steps of its runs.</summary>
/// <param name="Payload">The body: JSON unchanged, a form as an object, text as a string, no body as null.</param>
/// <param name="Headers">The headers that are passed on, by lowercase name with underscores.</param>
internal sealed record WebhookEvent(string Id, DateTime ReceivedAt, JsonElement Payload, IReadOnlyDictionary<string, string> Headers);
