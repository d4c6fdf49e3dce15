using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api;

/// <summary>Reads a JSON body strictly: what cannot be read, and fields that do not exist, are refused with the place and the reason.</summary>
internal static class ApiBody
{
    private static readonly JsonSerializerOptions Strict = new(AppJson.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public static async Task<Result<T>> ReadAsync<T>(HttpContext http, CancellationToken cancellationToken)
        where T : class
    {
        if (!http.Request.HasJsonContentType())
        {
            return Problem.Invalid("Send the body as JSON: Content-Type: application/json.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Strict, cancellationToken) is { } body ? body : Problem.Invalid("The body is empty.");
        }
        catch (JsonException error)
        {
            return Unreadable(error);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return new Problem(ProblemKind.TooLarge, "The body is too large.", []);
        }
    }

    private static Problem Unreadable(JsonException error)
    {
        var field = (error.Path ?? "$").TrimStart('$').TrimStart('.');
        var place = error.LineNumber is { } line ? $" (line {line + 1}, position {error.BytePositionInLine + 1})" : "";
        var isUnknown = error.Message.Contains("could not be mapped", StringComparison.Ordinal);
        var message = isUnknown ? "There is no such field." : $"This is not the JSON that is expected here{place}.";
        return field.Length > 0 ? Problem.Invalid("The body cannot be read.", new FieldError(field, message)) : Problem.Invalid($"The body cannot be read: {message}");
    }
}
