using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>
/// Posts to addresses that people typed: each connection is checked, nothing is followed, at most the beginning of an answer is read.
/// </summary>
public sealed class HookHttp : IDisposable
{
    /// <summary>The most characters kept of a response.</summary>
    internal const int MaxExcerpt = 1000;

    private const int MaxAnswerBytes = 4 * 1024;

    private readonly HttpClient _client;
    private readonly IOptions<IntegrationsOptions> _options;
    private readonly TimeProvider _time;

    public HookHttp(HookAddresses addresses, IOptions<IntegrationsOptions> options, TimeProvider time)
    {
        var handler = addresses.Guard.NewHandler();
        handler.MaxConnectionsPerServer = 100;
        handler.MaxResponseHeadersLength = 16;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("PromptPilot");
        (_options, _time) = (options, time);
    }

    /// <summary>Sends once.</summary>
    /// <exception cref="OperationCanceledException">The host stops.</exception>
    internal async Task<AttemptOutcome> PostAsync(
        Uri address,
        ReadOnlyMemory<byte> json,
        IReadOnlyDictionary<string, string> headers,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(json) };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var seconds = _options.Value.TimeoutSeconds;
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return Judge(response, await ReadStartAsync(response, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AttemptOutcome(AttemptVerdict.Timeout, $"Timed out after {seconds} s waiting for the receiver.");
        }
        catch (Exception exception) when (Refusal(exception) is { } refused)
        {
            return new AttemptOutcome(AttemptVerdict.AddressRefused, refused.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            return new AttemptOutcome(
                AttemptVerdict.Unreachable,
                $"The receiver cannot be reached: {exception.GetBaseException().Message}"
            );
        }
    }

    public void Dispose() => _client.Dispose();

    private AttemptOutcome Judge(HttpResponseMessage response, string excerpt)
    {
        var status = (int)response.StatusCode;
        var (verdict, detail) = status switch
        {
            >= 200 and < 300 => (AttemptVerdict.Delivered, "The receiver accepted it."),
            >= 300 and < 400 => (
                AttemptVerdict.Redirected,
                $"The receiver redirects to another address ({status}), and redirects are not followed. Enter the final "
                    + "address in the hook."
            ),
            408 => (AttemptVerdict.Timeout, "The receiver timed out while reading the message (408)."),
            410 => (AttemptVerdict.Gone, "The receiver no longer accepts messages (410). The hook was disabled."),
            425 or 429 => (AttemptVerdict.RateLimited, $"The receiver is rate limiting deliveries ({status})."),
            >= 400 and < 500 => (
                AttemptVerdict.Rejected,
                $"The receiver refused the message ({status}). Check the address and secret, then resend it."
            ),
            _ => (AttemptVerdict.ServerError, $"The receiver failed ({status})."),
        };
        return new AttemptOutcome(verdict, detail, status, excerpt, RetryAfter(response));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
            _ => null,
        };

    private static AddressRefusedException? Refusal(Exception? exception)
    {
        while (exception is not null and not AddressRefusedException)
        {
            exception = exception.InnerException;
        }

        return exception as AddressRefusedException;
    }

    private static async Task<string> ReadStartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxAnswerBytes];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return Excerpt(
                Encoding.UTF8.GetString(
                    buffer,
                    0,
                    await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                )
            );
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // The status is known: a message that was cut off changes nothing.
            return "";
        }
    }

    /// <summary>Text of strangers as it can be stored and shown.</summary>
    internal static string Excerpt(string text)
    {
        var plain = string.Concat(text.Where(character => character is '\n' or '\t' || !char.IsControl(character))).Trim();
        return Unicode.WellFormed(Shorten.Text(plain, MaxExcerpt));
    }
}
