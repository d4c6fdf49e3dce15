using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Api;

/// <summary>
/// Every error of the API is an RFC 9457 problem with a text that says what to do, including those of the framework before our code runs.
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
                            if (BodyFormat.Refusal(http.Request) is { } refusal)
                            {
                                await ApiResults.From(refusal).ExecuteAsync(http);
                                return;
                            }

                            await next(http);
                        }
                        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
                        {
                            await BadRequests.Explain(http, exception).ExecuteAsync(http);
                            return;
                        }
                        catch (Exception exception) when (exception is not OperationCanceledException && !http.Response.HasStarted)
                        {
                            // The path as sent, since a decoded one could start a new line in the log.
                            app.Logger.LogError(
                                exception,
                                "{Method} {Path} failed",
                                http.Request.Method,
                                http.Request.Path.ToUriComponent()
                            );
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
                            await ExplainStatus(http).ExecuteAsync(http);
                        }
                    }
                )
        );

    private static IResult ExplainStatus(HttpContext http)
    {
        // A route for files may take any path by GET; what it does not find may be here by another method.
        if (http.Response.StatusCode == StatusCodes.Status404NotFound)
        {
            var methods = RouteTable.At(http).SelectMany(RouteTable.Methods).Distinct().Order().ToList();
            if (methods.Count > 0 && !methods.Contains(http.Request.Method, StringComparer.OrdinalIgnoreCase))
            {
                (http.Response.StatusCode, http.Response.Headers.Allow) = (
                    StatusCodes.Status405MethodNotAllowed,
                    string.Join(", ", methods)
                );
            }
        }

        var status = http.Response.StatusCode;
        return status switch
        {
            StatusCodes.Status401Unauthorized => ApiResults.From(
                new Problem(ProblemKind.Unauthenticated, "Send an API key: Authorization: Bearer pp_….", [])
            ),
            StatusCodes.Status403Forbidden => ApiResults.From(Problem.Forbidden("You do not have access to this address.")),
            StatusCodes.Status404NotFound => ApiResults.From(
                new Problem(ProblemKind.NotFound, $"{http.Request.Path} does not exist. See /openapi/v1.json for all routes.", [])
            ),
            StatusCodes.Status405MethodNotAllowed => Results.Problem(
                $"{http.Request.Path} does not support {http.Request.Method}. Use {http.Response.Headers.Allow}.",
                statusCode: status,
                title: "Method not allowed"
            ),
            StatusCodes.Status413PayloadTooLarge => ApiResults.From(BadRequests.TooLarge(http)),
            StatusCodes.Status503ServiceUnavailable => ApiResults.From(BadRequests.Busy()),
            StatusCodes.Status415UnsupportedMediaType => ApiResults.From(BodyFormat.Unsupported(http)),
            _ => Results.Problem("The request could not be processed. See /openapi/v1.json for the expected format.", statusCode: status),
        };
    }
}
