using System.Net;
using System.Net.Http.Headers;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// Stands between the OpenAI client and the network for one profile. Recognises what the client would let pass or report badly: error statuses with their message, a web page or plain JSON with status 200, and an error event inside a stream.
/// </summary>
internal sealed class ModelHttpHandler(HttpMessageHandler inner, string? apiKey, TimeProvider time) : DelegatingHandler(inner)
{
    /// <summary>No provider's error is longer; a hostile one is not read to its end.</summary>
    private const int MaxErrorBytes = 16 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (apiKey is null)
        {
            request.Headers.Authorization = null;
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.OK && !IsWholeDocument(response.Content.Headers.ContentType))
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var watched = new StreamContent(new WatchedStream(stream, apiKey));
            watched.Headers.ContentType = response.Content.Headers.ContentType;
            response.Content = watched;
            return response;
        }

        using (response)
        {
            throw new ModelFaultException(await FaultOfAsync(response, cancellationToken));
        }
    }

    private static bool IsWholeDocument(MediaTypeHeaderValue? type) =>
        type?.MediaType is { } media && (media.Equals("text/html", StringComparison.OrdinalIgnoreCase) || media.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    private async Task<ModelFault> FaultOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType?.Equals("text/html", StringComparison.OrdinalIgnoreCase) == true)
        {
            return new ModelFault(ErrorCode.IncompleteStream, "The endpoint answered with a web page instead of a model's answer. Check its address: it usually ends in /v1.");
        }

        var said = ProviderMessage.Parse(await ReadStartAsync(response.Content, cancellationToken), apiKey);
        return (response.StatusCode, said.Text) switch
        {
            (HttpStatusCode.OK, "") => new ModelFault(ErrorCode.IncompleteStream, "The endpoint answered in one piece instead of streaming. Check that it speaks the OpenAI API with “stream”."),
            (HttpStatusCode.OK, _) => ModelFaults.OfErrorEvent(said),
            _ => ModelFaults.OfStatus(response.StatusCode, said, ModelFaults.RetryAfter(response, time)),
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
