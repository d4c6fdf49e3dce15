using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using PromptPilot.Core.Models.Faults;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>
/// Sits between a provider's client and the network for one profile. Adds the key to its header, and detects what the client would
/// miss or report badly: error statuses with their message, a web page or plain JSON with status 200, and an error event inside a
/// stream.
/// </summary>
internal sealed class ModelHttpHandler(
    HttpMessageHandler inner,
    ModelProtocol protocol,
    string? keyHeader,
    string? apiKey,
    TimeProvider time
) : DelegatingHandler(inner)
{
    /// <summary>No provider's error is longer; a hostile one is not read to its end.</summary>
    private const int MaxErrorBytes = 16 * 1024;

    private const int MaxListBytes = 2 * 1024 * 1024;

    /// <summary>
    /// Of a streamed answer. Servers put some 250 bytes around each token, so the whole is far above what the longest answer
    /// (<see cref="SemanticKernel.ModelGateway.MostCharacters"/>) takes.
    /// </summary>
    private static readonly ReadBounds EventBounds = new(Total: 512L << 20, Line: 1 << 20, Event: 4 << 20);

    /// <summary>Closes the last event of servers that end their answer right behind it.</summary>
    private static readonly byte[] EmptyLine = "\n\n"u8.ToArray();

    /// <summary>The real content type of a response in OpenAI's protocol, which servers often declare wrongly.</summary>
    private static readonly MediaTypeHeaderValue Events = new("text/event-stream");

    /// <inheritdoc cref="Events"/>
    private static readonly MediaTypeHeaderValue Whole = new(MediaTypeNames.Application.Json);

    /// <summary>The limits of an answer of JSON objects, one per line.</summary>
    private static readonly ReadBounds LineBounds = new(EventBounds.Total, EventBounds.Line);

    /// <summary>What the profile adds to each call; null: nothing.</summary>
    public RequestExtras? Extras { get; init; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Authorize(request);
        protocol.Correct(request);
        if (Extras is not null)
        {
            await Extras.AddToAsync(request, cancellationToken);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (
            request.Method == HttpMethod.Get
            && response.StatusCode == HttpStatusCode.OK
            && !IsWebPage(response.Content.Headers.ContentType)
        )
        {
            return await WithWholeBodyAsync(response, cancellationToken);
        }

        var takesAny = protocol.ReadsAnyAnswer;
        if (response.IsSuccessStatusCode && (takesAny || !IsWholeDocument(response.Content.Headers.ContentType)))
        {
            var stream = await DecodedAsync(response.Content, cancellationToken);
            var isOfEvents =
                response.Content.Headers.ContentType?.MediaType?.Equals("application/x-ndjson", StringComparison.OrdinalIgnoreCase) != true;
            var bounded = isOfEvents ? new BoundedStream(stream, EventBounds, EmptyLine) : new BoundedStream(stream, LineBounds);
            var watched = new StreamContent(takesAny ? bounded : new WatchedStream(bounded, apiKey));
            watched.Headers.ContentType = response.Content.Headers.ContentType;
            response.Content = watched;
            return takesAny
                ? await NamedAsync(response, bounded, cancellationToken)
                : await StreamOnlyAsync(response, bounded, cancellationToken);
        }

        using (response)
        {
            throw new ModelFaultException(await FaultOfAsync(response, cancellationToken));
        }
    }

    /// <summary>
    /// Labels the answer by its first byte: servers send events as JSON, as plain text or without a content type, and a whole JSON
    /// document as events.
    /// </summary>
    private static async Task<HttpResponseMessage> NamedAsync(
        HttpResponseMessage response,
        BoundedStream body,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var first = await body.PeekAsync(cancellationToken);
            response.Content.Headers.ContentType = first switch
            {
                (byte)'<' => throw new ModelFaultException(WebPage),
                (byte)'{' or (byte)'[' => Whole,
                _ => Events,
            };
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Refuses a response that is declared as a stream, or not at all, and is none: a proxy's page, an empty body. A stream has JSON
    /// objects, or fields of events, which begin with a letter or a colon.
    /// </summary>
    private static async Task<HttpResponseMessage> StreamOnlyAsync(
        HttpResponseMessage response,
        BoundedStream body,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await body.PeekAsync(cancellationToken) switch
            {
                null => throw new ModelFaultException(Empty),
                (byte)'<' => throw new ModelFaultException(WebPage),
                (byte)'[' or (byte)'"' => throw new ModelFaultException(OnePiece),
                _ => response,
            };
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Some proxies compress without being asked to.</summary>
    private static async Task<Stream> DecodedAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        return content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(stream, CompressionMode.Decompress),
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            "deflate" => new ZLibStream(stream, CompressionMode.Decompress),
            _ => stream,
        };
    }

    /// <summary>The header in the provider's reference; any value from its client is removed.</summary>
    private void Authorize(HttpRequestMessage request)
    {
        request.Headers.Authorization = apiKey is null || keyHeader is not null ? null : new AuthenticationHeaderValue("Bearer", apiKey);
        if (apiKey is not null && keyHeader is not null)
        {
            request.Headers.Remove(keyHeader);
            request.Headers.TryAddWithoutValidation(keyHeader, apiKey);
        }
    }

    /// <summary>A list of models: read here, so that its size is bounded.</summary>
    private static async Task<HttpResponseMessage> WithWholeBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxListBytes + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (count > MaxListBytes)
        {
            response.Dispose();
            throw new ModelFaultException(
                new ModelFault(ErrorCode.InvalidOutput, "The provider's list of models is too long to show. Enter the model name.")
            );
        }

        var whole = new ByteArrayContent(buffer, 0, count);
        whole.Headers.ContentType = response.Content.Headers.ContentType;
        response.Content = whole;
        return response;
    }

    private static ModelFault WebPage { get; } =
        new(
            ErrorCode.IncompleteStream,
            "The endpoint returned a web page instead of a model response. Check its address: for OpenAI-compatible servers it "
                + "usually ends in /v1."
        );

    private static ModelFault OnePiece { get; } =
        new(
            ErrorCode.IncompleteStream,
            "The endpoint did not stream its answer. Check that it provides the API of the profile's provider with streaming."
        );

    private static ModelFault Empty { get; } =
        new(
            ErrorCode.IncompleteStream,
            "The endpoint returned an empty response. Check its address and any proxy between this host and the provider."
        );

    private static bool IsWebPage(MediaTypeHeaderValue? type) =>
        type?.MediaType?.Equals("text/html", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsWholeDocument(MediaTypeHeaderValue? type) =>
        type?.MediaType is { } media
        && (
            media.Equals("text/html", StringComparison.OrdinalIgnoreCase)
            || media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        );

    private async Task<ModelFault> FaultOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.OK && IsWebPage(response.Content.Headers.ContentType))
        {
            return WebPage;
        }

        var said = ProviderMessage.Parse(await ReadStartAsync(response.Content, cancellationToken), apiKey);
        return (response.StatusCode, said.Text) switch
        {
            (HttpStatusCode.OK, "") => OnePiece,
            (HttpStatusCode.OK, _) => ModelFaults.OfErrorEvent(said),
            _ => ModelFaults.OfStatus(response.StatusCode, said, ModelFaults.RetryAfter(response, time) ?? said.RetryAfter),
        };
    }

    private static async Task<ReadOnlyMemory<byte>> ReadStartAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxErrorBytes];
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return buffer.AsMemory(0, count);
        }
        catch (IOException)
        {
            // The status is known; a message that was cut off is not worth another fault.
            return ReadOnlyMemory<byte>.Empty;
        }
    }
}
