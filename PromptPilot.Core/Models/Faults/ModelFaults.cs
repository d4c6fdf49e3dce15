using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models.Faults;

/// <summary>
/// Which fault a response or an exception is, with a message that says what to do. docs/architecture.md has the table.
/// </summary>
internal static class ModelFaults
{
    public static ModelFault HalfCharacter { get; } =
        new(
            ErrorCode.IncompleteStream,
            "The provider sent an incomplete character (a lone surrogate), so the text cannot be stored correctly. Its server "
                + "splits characters while streaming. If this happens again, update the server or use another model."
        );

    /// <summary>An answer with an error status.</summary>
    public static ModelFault OfStatus(HttpStatusCode status, ProviderMessage said, TimeSpan? retryAfter) =>
        OfWords((int)status, said, retryAfter) ?? OfNumber((int)status, said, retryAfter);

    /// <summary>An error inside a stream whose status was 200. It may give the status that it would have had.</summary>
    public static ModelFault OfErrorEvent(ProviderMessage said) =>
        said.Status is { } status ? OfStatus((HttpStatusCode)status, said, said.RetryAfter)
        : OfWords(0, said, said.RetryAfter) is { } known ? known
        : FaultWords.IsBadRequest(said) ? OfNumber(400, said, null)
        : Disconnected(said);

    /// <summary>The fault by the provider's words instead of the status: nothing else distinguishes quota, length and content.</summary>
    /// <param name="number">0 without a status.</param>
    private static ModelFault? OfWords(int number, ProviderMessage said, TimeSpan? retryAfter)
    {
        // The statuses under which anything may be meant.
        var isOpen = number is 0 or 400 or 422;
        return number switch
        {
            _ when FaultWords.IsContextLength(said) => new(
                ErrorCode.ContextTooLong,
                Sentence("The prompt is too long for this model. Shorten the input or use a model with a larger context window", said)
            ),
            402 => new(
                ErrorCode.Quota,
                Sentence("The provider requires payment (402). Check your plan and billing with the provider", said)
            ),
            _ when FaultWords.IsQuota(said) => new(
                ErrorCode.Quota,
                Sentence($"The provider's quota is used up{In(number)}. Check your plan and billing with the provider", said)
            ),
            _ when (isOpen || number == 403) && FaultWords.IsFiltered(said) => new(
                ErrorCode.ContentFiltered,
                Sentence("The provider's content filter refused the prompt. Reword the prompt or the input", said)
            ),
            401 or 403 => Refused(number, said),
            _ when isOpen && FaultWords.IsAuth(said) => Refused(number, said),
            429 => SlowDown(number, said, retryAfter),
            _ when isOpen && FaultWords.IsRateLimit(said) => SlowDown(number, said, retryAfter),
            _ when (isOpen || number is 404 or 410) && FaultWords.IsUnknownModel(said) => NoModel(number, said),
            404 => NoAddress(said),
            _ => null,
        };
    }

    private static ModelFault OfNumber(int number, ProviderMessage said, TimeSpan? retryAfter) =>
        number switch
        {
            408 => new(
                ErrorCode.Timeout,
                Sentence("The provider timed out (408). Run again later, or shorten the input", said),
                retryAfter
            ),
            413 => new(ErrorCode.ContextTooLong, Sentence("The provider rejected the prompt as too large (413). Shorten the input", said)),
            >= 500 => new(
                ErrorCode.ProviderError,
                Sentence(
                    "The provider failed "
                        + $"({number}){(Asked(retryAfter) is { Length: > 0 } asked ? " and asks" + asked[4..] : "")}. Run again "
                        + "later. If it keeps failing, check the provider's status page",
                    said
                ),
                retryAfter
            ),
            >= 400 => new(
                ErrorCode.BadRequest,
                Sentence($"The provider refused the request ({number}). Check the profile's model and parameters", said)
            ),
            >= 300 => new(
                ErrorCode.BadRequest,
                $"The endpoint redirects to another address ({number}), and redirects are not followed. Enter the final "
                    + "address in the model profile."
            ),
            _ => new(
                ErrorCode.ProviderError,
                Sentence(
                    $"The provider answered with status {number}. Check that the endpoint provides the API of the profile's provider",
                    said
                ),
                retryAfter
            ),
        };

    private static ModelFault Refused(int number, ProviderMessage said) =>
        new(
            ErrorCode.Auth,
            Sentence($"The provider refused the API key{In(number)}. Check the model profile's key and its permissions", said)
        );

    private static ModelFault SlowDown(int number, ProviderMessage said, TimeSpan? retryAfter) =>
        new(
            ErrorCode.RateLimited,
            Sentence(
                $"The provider is rate limiting calls{In(number)}{Asked(retryAfter)}. Run again later, or lower the profile's "
                    + "concurrent calls and calls per minute",
                said
            ),
            retryAfter
        );

    private static ModelFault NoModel(int number, ProviderMessage said) =>
        new(
            ErrorCode.ModelUnavailable,
            Sentence(
                $"The provider could not find this model{In(number)}. It may have been retired. Check the profile's model name, or choose "
                    + "another model",
                said
            )
        );

    private static ModelFault NoAddress(ProviderMessage said) =>
        new(
            ErrorCode.BadRequest,
            Sentence("The provider could not find this address or model (404). Check the profile's endpoint and model name", said)
        );

    private static ModelFault Disconnected(ProviderMessage said) =>
        new(
            ErrorCode.ProviderError,
            Sentence(
                "The provider ended the stream with an error. Run again later. If it keeps failing, check the provider's status page",
                said
            )
        );

    /// <summary>The fault behind an exception; null when it is none of theirs, that is, our bug.</summary>
    /// <param name="exception">As it came through Semantic Kernel and the providers' clients, which wrap some and let others
    /// through.</param>
    /// <param name="hasAnswered">True when any part of an answer had arrived.</param>
    public static ModelFault? Of(Exception exception, bool hasAnswered)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (OfOne(e, hasAnswered) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>The requested delay, from Retry-After (seconds or a date) or the finer retry-after-ms; null if there is none.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        if (
            response.Headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var ms)
            && ms is >= 0 and < 86_400_000
        )
        {
            return TimeSpan.FromMilliseconds(ms);
        }

        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static ModelFault? OfOne(Exception exception, bool hasAnswered) =>
        exception switch
        {
            ModelFaultException known => known.Fault,
            AddressRefusedException refused => new(ErrorCode.BadRequest, refused.Message),
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse } => Cut(
                hasAnswered
            ),
            HttpIOException => Cut(hasAnswered),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => Unreachable(
                "its name could not be resolved (DNS)"
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Unreachable(
                "the secure connection failed (TLS)"
            ),
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } => Unreachable(
                "its name could not be resolved (DNS)"
            ),
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => Unreachable(
                "it refused the connection"
            ),
            HttpRequestException { InnerException: { } cause } when OfOne(cause, hasAnswered) is { } inner => inner,
            HttpRequestException => Unreachable("the connection failed"),
            SocketException { SocketErrorCode: SocketError.HostNotFound } => Unreachable("its name could not be resolved (DNS)"),
            JsonException or FormatException => new(
                ErrorCode.IncompleteStream,
                "The provider's response is not a model response. Check that the endpoint provides the API of the profile's provider."
            ),

            // The JSON reader's message for a lone \uD83D.
            InvalidOperationException { Source: { } source } when source.StartsWith("System.Text.Json", StringComparison.Ordinal) =>
                HalfCharacter,
            TooLongException tooLong => new(
                ErrorCode.IncompleteStream,
                $"The provider sent {tooLong.What}, which exceeds the limit. Check that the endpoint provides the API of the "
                    + "profile's provider."
            ),
            IOException => Cut(hasAnswered),
            _ => null,
        };

    private static ModelFault Cut(bool hasAnswered) =>
        new(
            ErrorCode.IncompleteStream,
            hasAnswered
                ? "The connection was lost while the model was answering. Run again. If it keeps failing, check the network and "
                    + "any proxy on the way to the provider."
                : "The provider closed the connection without an answer. Run again. If it keeps failing, check the profile's "
                    + "endpoint and the provider's status page."
        );

    private static ModelFault Unreachable(string why) =>
        new(
            ErrorCode.Unreachable,
            $"The model's server cannot be reached: {why}. Check the profile's endpoint and that the server is running."
        );

    private static string In(int number) => number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({number})");

    private static string Asked(TimeSpan? retryAfter) =>
        retryAfter switch
        {
            { TotalHours: >= 1 } hours => string.Create(CultureInfo.InvariantCulture, $" and to wait {hours.TotalHours:0.#} h"),
            { TotalSeconds: >= 1 } time => string.Create(CultureInfo.InvariantCulture, $" and to wait {time.TotalSeconds:0} s"),
            _ => "",
        };

    private static string Sentence(string ours, ProviderMessage said) =>
        said.Text.Length == 0 ? ours + "." : $"{ours}. It says: {said.Text}";
}
