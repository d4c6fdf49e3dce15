using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Web.Api.Bodies;

/// <summary>
/// Reads a JSON body strictly: an unknown field, and a value that cannot be read or stored, is refused with its place and the reason.
/// </summary>
internal static class ApiBody
{
    private static readonly JsonSerializerOptions Strict = Create();

    public static async Task<Result<T>> ReadAsync<T>(HttpContext http, CancellationToken cancellationToken)
        where T : class
    {
        if (!http.Request.HasJsonContentType())
        {
            return new Problem(ProblemKind.UnsupportedType, "Send the body as JSON, with Content-Type: application/json.", []);
        }

        if (http.Request.ContentLength == 0)
        {
            return Problem.Invalid("The body is missing. Send a JSON object.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Strict, cancellationToken) is not { } body
                    ? Problem.Invalid("The body is empty. Send a JSON object.")
                : UndeclaredNulls.Find(body, Strict) is { } problem ? problem
                : body;
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

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(AppJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

        // Before the converters that they replace.
        options.Converters.Insert(0, new StorableJson());
        options.Converters.Insert(0, new StorableText());
        StepOptionJson.Apply(options);
        return options;
    }

    /// <summary>For converters: reads a part of a body, so that an error in it is reported with its whole path.</summary>
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
