using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Models.Extras;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>Fields and headers that a profile adds to each call, specific to its server.</summary>
internal sealed class RequestExtras
{
    private readonly JsonObject? _body;
    private readonly IReadOnlyDictionary<string, string> _headers;

    private RequestExtras(JsonObject? body, IReadOnlyDictionary<string, string> headers) => (_body, _headers) = (body, headers);

    /// <returns>Null if the profile adds nothing.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored headers cannot be read.</exception>
    public static RequestExtras? Of(ModelProfile profile, ModelKeys keys) =>
        profile.ExtraBody is null && profile.ExtraHeaders is null
            ? null
            : new RequestExtras(
                profile.ExtraBody is { } body ? JsonNode.Parse(body)!.AsObject() : null,
                profile.ExtraHeaders is { } headers ? ExtraHeaders.Read(keys.Decrypt(headers)) : new Dictionary<string, string>()
            );

    /// <summary>Adds them to a request. The fields go only into the body of a call, not into a request for the list of models.</summary>
    public async Task AddToAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in _headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_body is null || request.Method != HttpMethod.Post || request.Content is null)
        {
            return;
        }

        var sent = JsonNode.Parse(await request.Content.ReadAsByteArrayAsync(cancellationToken))!.AsObject();
        Merge(sent, _body);
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(sent, AppJson.Options));
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        request.Content.Dispose();
        request.Content = content;
    }

    /// <summary>Objects are merged, so that <c>{"options":{"num_ctx":8192}}</c> keeps the other options.</summary>
    private static void Merge(JsonObject target, JsonObject extra)
    {
        foreach (var (name, value) in extra)
        {
            if (value is JsonObject inner && target[name] is JsonObject known)
            {
                Merge(known, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }
}
