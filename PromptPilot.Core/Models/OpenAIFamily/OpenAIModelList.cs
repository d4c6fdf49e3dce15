using System.Globalization;
using System.Text.Json;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>Which models a server offers: <c>GET /models</c>.</summary>
/// <param name="http">Limits the size of responses, and throws if one is not a list.</param>
internal sealed class OpenAIModelList(HttpMessageInvoker http, Uri endpoint)
{
    /// <summary>
    /// Their ids, and their shutdown dates, which OpenAI sends as <c>shutdown_date</c>. Most servers have them in <c>data</c>, some in
    /// <c>models</c>, Together sends the bare list; where one has no id, its name is taken.
    /// </summary>
    /// <exception cref="JsonException">The answer is not JSON.</exception>
    public async Task<List<OfferedModel>> ListAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint.ToString().TrimEnd('/') + "/models");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using var response = await http.SendAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return ListOf(json.RootElement) is { } list
            ? [.. list.EnumerateArray().Select(ModelOf).OfType<OfferedModel>()]
            : throw new JsonException("The response contains no list of models.");
    }

    private static JsonElement? ListOf(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            return root;
        }

        return
            root.ValueKind == JsonValueKind.Object
            && (root.TryGetProperty("data", out var list) || root.TryGetProperty("models", out list))
            && list.ValueKind == JsonValueKind.Array
            ? list
            : null;
    }

    private static OfferedModel? ModelOf(JsonElement model) => IdOf(model) is { } id ? new OfferedModel(id, null, EndOf(model)) : null;

    private static DateOnly? EndOf(JsonElement model) =>
        model.ValueKind == JsonValueKind.Object
        && model.TryGetProperty("shutdown_date", out var end)
        && end.ValueKind == JsonValueKind.String
        && DateOnly.TryParseExact(end.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    private static string? IdOf(JsonElement model) =>
        model.ValueKind switch
        {
            JsonValueKind.String => model.GetString(),
            JsonValueKind.Object when model.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String => id.GetString(),
            JsonValueKind.Object when model.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String =>
                name.GetString(),
            _ => null,
        };
}
