using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using PromptPilot.Core.Models.SemanticKernel;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// A streaming client for OpenAI and every server that speaks its language. Tolerant in what does not matter, strict in what proves that an
/// answer is whole: see <see cref="ChatEventReader"/>. One update for each read of the network that brought anything.
/// </summary>
/// <param name="http">Sends with the profile's key and over guarded connections; answers other than a stream are its exceptions.</param>
/// <param name="endpoint">The base URL, to which <c>/chat/completions</c> is added.</param>
/// <param name="faultOf">What an error event says, by its data.</param>
internal sealed class OpenAIChatClient(
    HttpMessageInvoker http,
    Uri endpoint,
    string model,
    ChatDialect dialect,
    Func<ReadOnlyMemory<byte>, ModelFault> faultOf
) : IChatClient
{
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
        await using var events = SseParser.Create(stream, reader.Read).EnumerateAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        ExceptionDispatchInfo? broken = null;
        var next = default(ValueTask<bool>);
        var isReading = false;
        try
        {
            while (broken is null && !reader.IsDone)
            {
                next = events.MoveNextAsync();
                isReading = true;

                // What one read brought is one piece: it goes out before the network is waited for again.
                if (reader.HasNews && (!next.IsCompleted || reader.IsFull))
                {
                    yield return reader.Take();
                }

                try
                {
                    isReading = false;
                    if (!await next)
                    {
                        break;
                    }
                }
                catch (Exception exception)
                {
                    // What came before it is still part of the answer.
                    broken = ExceptionDispatchInfo.Capture(exception);
                }
            }
        }
        finally
        {
            if (isReading)
            {
                // The caller left in the middle. Nobody waits for what the aborted read says.
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
