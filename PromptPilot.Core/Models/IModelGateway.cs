using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Models.Tokens;

namespace PromptPilot.Core.Models;

/// <summary>
/// The error codes of an attempt; see the table in docs/architecture.md. Stored and shown in snake_case, e.g. <c>rate_limited</c>.
/// </summary>
[JsonConverter(typeof(ErrorCodeConverter))]
public enum ErrorCode
{
    RateLimited,
    Quota,
    Auth,
    BadRequest,
    ModelUnavailable,
    ContextTooLong,
    ContentFiltered,
    ProviderError,
    Unreachable,
    Timeout,
    IncompleteStream,
    InvalidOutput,
    Budget,
    Interrupted,
    Cancelled,
    Internal,
}

/// <summary>Writes error codes as the words that users see: snake_case.</summary>
internal sealed class ErrorCodeConverter() : JsonStringEnumConverter<ErrorCode>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

/// <summary>Why a call failed, as a text that a user can act on.</summary>
/// <param name="RetryAfter">The delay requested by the provider, if any.</param>
public sealed record ModelFault(ErrorCode Code, string Message, TimeSpan? RetryAfter = null);

/// <summary>One call of a model. Texts go to the model verbatim; they are never parsed again.</summary>
/// <param name="ProfileId">Id of the ModelProfile.</param>
/// <param name="FunctionName">Name of the call in traces, e.g. the step's output key.</param>
/// <param name="Messages">The messages in order.</param>
/// <param name="Timeout">The most the whole call may take; null: the profile's limit.</param>
public sealed record ModelRequest(string ProfileId, string FunctionName, IReadOnlyList<ModelMessage> Messages, TimeSpan? Timeout = null)
{
    /// <summary>A call with one text and perhaps a system message.</summary>
    public ModelRequest(string profileId, string functionName, string? systemMessage, string prompt, TimeSpan? timeout = null)
        : this(profileId, functionName, ModelMessage.Of(systemMessage, prompt), timeout) { }

    /// <summary>The text of the last message from the user; empty when there is none.</summary>
    public string Prompt => Messages.LastOrDefault(message => message.Role == ModelRole.User)?.Text ?? "";

    /// <summary>Tokens of all messages with their pictures, where the provider does not say.</summary>
    internal int EstimateTokens(ModelProfile profile) =>
        Messages.Sum(message => TokenEstimate.Of(message.Text))
        + UsedPictures.Sum(picture => PictureRule.TokensOf(profile, picture).Estimate);

    /// <summary>Sent instead of the profile's parameters, as far as set.</summary>
    public ParameterChanges? Parameters { get; init; }

    /// <summary>Sent with the messages, at their marks.</summary>
    public IReadOnlyList<CallPicture> Pictures { get; init; } = [];

    /// <summary>The pictures that the messages mention. A prompt can leave one out, by a condition.</summary>
    internal IEnumerable<CallPicture> UsedPictures =>
        Pictures.Where(picture => Messages.Any(message => message.Text.Contains(picture.Mark, StringComparison.Ordinal)));

    /// <summary>The answer must be JSON. Providers with structured output are told so.</summary>
    public bool AsJson { get; init; }

    /// <summary>The JSON Schema the answer shall fit; null: any JSON.</summary>
    public JsonElement? JsonSchema { get; init; }
}

/// <summary>The outcome of a call. A fault can include the text that had arrived by then.</summary>
/// <param name="Text">Everything that was streamed.</param>
/// <param name="ModelUsed">The model the provider reported, else the configured one.</param>
/// <param name="InputTokens">As reported by the provider, otherwise estimated.</param>
/// <param name="Cost">Cost in nano-USD.</param>
/// <param name="Truncated">The answer ended at the token limit.</param>
/// <param name="FirstTokenAfter">Time until the first token; null when none came.</param>
/// <param name="Fault">Null: a success, that is, a finish reason was seen and the text is not empty.</param>
public sealed record ModelReply(
    string Text,
    string ModelUsed,
    int InputTokens,
    int OutputTokens,
    long Cost,
    bool Truncated,
    TimeSpan? FirstTokenAfter,
    ModelFault? Fault
)
{
    /// <summary>Maximum length of the stored thinking of a model, in UTF-16 code units.</summary>
    public const int MaxThinking = 100_000;

    /// <summary>What the model wrote while it thought, without the answer; empty if the provider does not return it.</summary>
    public string Thinking { get; init; } = "";

    /// <summary>Output tokens that the model used to think. Included in <see cref="OutputTokens"/>.</summary>
    public int ReasoningTokens { get; init; }

    /// <summary>Input tokens that were written to the provider's cache. Included in <see cref="InputTokens"/>.</summary>
    public int CacheWriteTokens { get; init; }

    /// <summary>What the cache saved, in nano-USD; negative if writing to it cost more than reading saved.</summary>
    public long CacheSaving { get; init; }

    /// <summary>Tokens of the input that the provider had in its cache; they are among <see cref="InputTokens"/>.</summary>
    public int CachedTokens { get; init; }

    /// <summary>The provider's own word for how the answer ended, e.g. <c>stop</c> or <c>eos</c>; null where it gave none.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The provider did not say how many tokens it counted, of input, output or both.</summary>
    public bool HasEstimatedUsage { get; init; }
}

/// <summary>Calls models. The seam between the engine and Semantic Kernel; tests put their own model here.</summary>
public interface IModelGateway
{
    /// <summary>Calls the model once, without retry. Failures of provider and network are faults in the reply, not exceptions.</summary>
    /// <param name="onText">Called with each piece of text as it arrives, in order, never concurrently; must return quickly.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; the HTTP request has been aborted.</exception>
    Task<ModelReply> CallAsync(ModelRequest request, Action<string> onText, CancellationToken cancellationToken);
}
