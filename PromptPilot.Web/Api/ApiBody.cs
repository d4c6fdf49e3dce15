using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api;

/// <summary>
/// Reads a JSON body strictly: what cannot be read, and fields that do not exist, are refused with the place and the reason.
/// </summary>
internal static class ApiBody
{
    private static readonly JsonSerializerOptions Strict = new(AppJson.Options)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static async Task<Result<T>> ReadAsync<T>(HttpContext http, CancellationToken cancellationToken)
        where T : class
    {
        if (!http.Request.HasJsonContentType())
        {
            return new Problem(ProblemKind.UnsupportedType, "Send the body as JSON: Content-Type: application/json.", []);
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Strict, cancellationToken) is { } body
                ? body
                : Problem.Invalid("The body is empty.");
        }
        catch (JsonException error)
        {
            return ApiBodyErrors.Explain<T>(error, Strict);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BadRequests.TooLarge(http);
        }
    }

    /// <summary>For converters: reads a part of a body, so that a mistake in it is told with its whole path.</summary>
    public static T? ReadInside<T>(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(ref reader, options);
        }
        catch (JsonException error)
        {
            throw new JsonException(error.Message, error);
        }
    }
}
