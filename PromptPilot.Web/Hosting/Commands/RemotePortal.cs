using System.Net.Http.Headers;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>A running portal, called by its API with a key.</summary>
internal sealed class RemotePortal : IDisposable
{
    /// <summary>The most that it may answer, in bytes.</summary>
    private const int MaxAnswer = 128 * 1024 * 1024;

    private readonly HttpClient _http;

    public RemotePortal(Uri address, string? key)
    {
        // A run is awaited for up to five minutes.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromMinutes(6),
            MaxResponseContentBufferSize = MaxAnswer,
        };
        _http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
    }

    /// <returns>The portal, or what is wrong with its address or key.</returns>
    public static Result<RemotePortal> Open(string url, string? key) =>
        !Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            ? Problem.AtField("--url", $"“{url}” is not an address like https://prompts.example.org.")
        : key is not { Length: > 0 } ? Problem.AtField("--key", $"Set {CommandOptions.KeyVariable} to an API key of that portal.")
        : new RemotePortal(address, key);

    /// <param name="path">Below <c>/api/v1/</c>.</param>
    /// <returns>The body of an answer that says success, or what the portal says instead.</returns>
    public async Task<Result<byte[]>> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri($"api/v1/{path}", UriKind.Relative)) { Content = content };
            using var answer = await _http.SendAsync(request, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? body : ProblemOf((int)answer.StatusCode, body);
        }
        catch (HttpRequestException exception)
        {
            return new Problem(ProblemKind.Unavailable, $"{_http.BaseAddress} cannot be reached: {exception.Message}", []);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Problem(ProblemKind.Unavailable, $"{_http.BaseAddress} did not answer in time.", []);
        }
    }

    public void Dispose() => _http.Dispose();

    private static Problem ProblemOf(int status, byte[] body)
    {
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(body);
            var text = problem.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
            return Problem.Invalid($"{text ?? "The portal refused it."} ({status}){Fields(problem)}");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Problem.Invalid($"The portal answered {status}. Is this the address of a PromptPilot portal?");
        }
    }

    private static string Fields(JsonElement problem) =>
        problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object
            ? string.Concat(errors.EnumerateObject().Select(error => $"{Environment.NewLine}  {error.Name}: {error.Value}"))
            : "";
}
