using System.Text.Json;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Api;

/// <summary>
/// Every error of the API is an RFC 9457 problem with a text that says what to do, also those the framework finds before our code runs.
/// </summary>
internal static class ApiProblems
{
    public static IApplicationBuilder UseApiProblems(this WebApplication app) =>
        app.UseWhen(
            http => PortalAuthentication.IsForPrograms(http.Request),
            api =>
                api.Use(
                    async (http, next) =>
                    {
                        try
                        {
                            await next(http);
                        }
                        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
                        {
                            await ApiResults.From(Explain(exception)).ExecuteAsync(http);
                            return;
                        }
                        catch (Exception exception) when (exception is not OperationCanceledException && !http.Response.HasStarted)
                        {
                            app.Logger.LogError(exception, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
                            await (
                                DatabaseFault.Explain(exception) is { } refusal
                                    ? ApiResults.From(refusal)
                                    : Results.Problem(
                                        "Something went wrong inside PromptPilot. It has been logged.",
                                        statusCode: StatusCodes.Status500InternalServerError,
                                        title: "Internal error"
                                    )
                            ).ExecuteAsync(http);
                            return;
                        }

                        if (!http.Response.HasStarted && http.Response is { StatusCode: >= 400, ContentType: null })
                        {
                            await ExplainStatusAsync(http);
                        }
                    }
                )
        );

    private static Problem Explain(BadHttpRequestException exception) =>
        exception switch
        {
            { InnerException: JsonException json } => Explain(json),
            { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
            { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problem.AtField(
                "Content-Type",
                "Send the body as application/json."
            ),
            _ => Problem.Invalid(exception.Message),
        };

    private static Problem Explain(JsonException json)
    {
        var field = json.Path is { Length: > 2 } path ? path.TrimStart('$').TrimStart('.') : null;
        var line = json.LineNumber is { } number ? (int)number + 1 : (int?)null;
        var column = json.BytePositionInLine is { } position ? (int)position + 1 : (int?)null;
        return field is null
            ? new Problem(
                ProblemKind.Invalid,
                $"The body is not the JSON that is wanted here (line {line ?? 1}, column {column ?? 1}).",
                []
            )
            : Problem.Invalid(
                $"The value of “{field}” has the wrong type.",
                new FieldError(field, "The value has the wrong type.", line, column)
            );
    }

    private static Problem TooLarge =>
        new(ProblemKind.TooLarge, $"The body is too large: at most {HostConfiguration.MaxRequestBody / (1024 * 1024)} MB.", []);

    private static Task ExplainStatusAsync(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var result = status switch
        {
            StatusCodes.Status404NotFound => ApiResults.From(
                new Problem(ProblemKind.NotFound, $"There is no {http.Request.Path}. All routes are described at /openapi/v1.json.", [])
            ),
            StatusCodes.Status405MethodNotAllowed => Results.Problem(
                $"{http.Request.Path} does not take {http.Request.Method}; it takes {http.Response.Headers.Allow}.",
                statusCode: status,
                title: "Method not allowed"
            ),
            StatusCodes.Status413PayloadTooLarge => ApiResults.From(TooLarge),
            StatusCodes.Status415UnsupportedMediaType => Results.Problem(
                "Send the body as application/json.",
                statusCode: status,
                title: "Unsupported content type"
            ),
            _ => Results.Problem(statusCode: status),
        };
        return result.ExecuteAsync(http);
    }
}
