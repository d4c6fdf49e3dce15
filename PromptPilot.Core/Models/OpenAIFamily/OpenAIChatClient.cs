using System.Buffers;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using PromptPilot.Core.Models.Faults;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// A streaming client for OpenAI and compatible servers. Tolerant in what does not matter, strict in what proves that an answer is
/// complete: see <see cref="ChatEventReader"/>. One update for each network read that returned data.
/// </summary>
/// <param name="http">
/// Sends with the profile's key over guarded connections. It labels an answer by its content, events or one JSON document, and throws for
/// anything else.
/// </param>
/// <param name="endpoint">The base URL, to which <c>/chat/completions</c> is added.</param>
/// <param name="faultOf">Converts the data of an error event to a fault.</param>
internal sealed class OpenAIChatClient(
    HttpMessageInvoker http,
    Uri endpoint,
    string model,
    ChatDialect dialect,
    Func<ReadOnlyMemory<byte>, ModelFault> faultOf
) : IChatClient
{
    /// <summary>The size limit of an answer sent in one piece, in bytes.</summary>
    private const int MaxWhole = 4 << 20;

    /// <summary>
    /// How long usage is waited for behind the end of an answer. Some servers neither say that nothing more comes nor hang up.
    /// </summary>
    private static readonly TimeSpan AfterEnd = TimeSpan.FromSeconds(2);

    private readonly Uri _address = new(endpoint.ToString().TrimEnd('/') + "/chat/completions");

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var response = await SendAsync(messages, options, stop.Token);
        await using var stream = await response.Content.ReadAsStreamAsync(stop.Token);
        using var reader = new ChatEventReader(faultOf);
        var isWhole = response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.Json;
        await using var events = (
            isWhole ? ReadWholeAsync(stream, reader, stop.Token) : SseParser.Create(stream, reader.Read).EnumerateAsync(stop.Token)
        ).GetAsyncEnumerator(stop.Token);
        ExceptionDispatchInfo? broken = null;
        var next = default(ValueTask<bool>);
        var isReading = false;
        var ends = 0;
        try
        {
            while (broken is null && !reader.IsDone)
            {
                next = events.MoveNextAsync();
                isReading = true;

                // The data of one read is one piece: it is passed on before the next wait for the network.
                if (reader.HasNews && (!next.IsCompleted || reader.IsFull))
                {
                    yield return reader.Take();
                }

                if (!next.IsCompleted && reader.Ends != ends)
                {
                    ends = reader.Ends;
                    stop.CancelAfter(ends == 0 ? Timeout.InfiniteTimeSpan : AfterEnd);
                }

                try
                {
                    isReading = false;
                    if (!await next)
                    {
                        break;
                    }
                }
                catch (OperationCanceledException) when (ends > 0 && !cancellationToken.IsCancellationRequested)
                {
                    break;
                }
                catch (Exception exception)
                {
                    // Text before it is still part of the answer.
                    broken = ExceptionDispatchInfo.Capture(exception);
                }
            }
        }
        finally
        {
            if (isReading)
            {
                // The caller stopped reading. No one awaits the result of the aborted read.
                await stop.CancelAsync();
                await next.AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }

        var said = reader.Complete();
        yield return reader.Take();
        broken?.Throw();
        if (said is not null)
        {
            throw new ModelFaultException(said);
        }
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    ) => await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => http.Dispose();

    /// <summary>The answer of a server that does not stream: one event.</summary>
    /// <exception cref="TooLongException">It is longer than <see cref="MaxWhole"/>.</exception>
    private static async IAsyncEnumerable<SseItem<bool>> ReadWholeAsync(
        Stream stream,
        ChatEventReader reader,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        while (await stream.ReadAsync(body.GetMemory(4 * 1024), cancellationToken) is > 0 and var count)
        {
            body.Advance(count);
            if (body.WrittenCount > MaxWhole)
            {
                throw new TooLongException($"an answer of more than {MaxWhole >> 20} MB");
            }
        }

        yield return new SseItem<bool>(reader.Read(SseParser.EventTypeDefault, body.WrittenSpan));
    }

    private async Task<HttpResponseMessage> SendAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address)
        {
            Content = ChatRequestContent.Of(model, dialect, messages, options),
        };
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        return await http.SendAsync(request, cancellationToken);
    }
}
