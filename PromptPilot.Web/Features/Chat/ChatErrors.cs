using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Chat;

/// <summary>Errors as problems, with a member <c>error</c> in the shape that clients of chat completions read.</summary>
internal static class ChatErrors
{
    private const string Error = "error";

    /// <summary>Problems of the framework, such as an unknown key, get the shape too.</summary>
    public static void AddTo(ProblemDetailsContext context)
    {
        var (request, details) = (context.HttpContext.Request, context.ProblemDetails);
        if (
            request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase)
            && details.Status is { } status
            && !details.Extensions.ContainsKey(Error)
        )
        {
            details.Extensions[Error] = new
            {
                message = details.Detail ?? details.Title,
                type = TypeOf(status),
                code = status == StatusCodes.Status401Unauthorized ? CodeOf(ProblemKind.Unauthenticated) : null,
            };
        }
    }

    public static IResult From(Problem problem) =>
        Result(StatusOf(problem), MessageOf(problem), CodeOf(problem.Kind), FirstOf(problem)?.Field);

    public static IResult Result(int status, string message, string code, string? param) =>
        Results.Problem(
            message,
            statusCode: status,
            extensions: new Dictionary<string, object?> { [Error] = ErrorOf(status, message, code, param) }
        );

    /// <summary>An event of a stream that has started.</summary>
    public static object Shape(int status, string message, string code, string? param) =>
        new { error = ErrorOf(status, message, code, param) };

    /// <inheritdoc cref="Shape(int, string, string, string?)"/>
    public static object Shape(Problem problem) =>
        Shape(StatusOf(problem), MessageOf(problem), CodeOf(problem.Kind), FirstOf(problem)?.Field);

    public static string CodeOf(ErrorCode code) =>
        code switch
        {
            ErrorCode.RateLimited => "rate_limit_exceeded",
            ErrorCode.Quota or ErrorCode.Budget => "insufficient_quota",
            ErrorCode.ContextTooLong => "context_length_exceeded",
            ErrorCode.ContentFiltered => "content_filter",
            _ => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()),
        };

    public static string CodeOf(ProblemKind kind) =>
        kind switch
        {
            ProblemKind.Unauthenticated => "invalid_api_key",
            ProblemKind.Forbidden => "insufficient_permissions",
            ProblemKind.NotFound => "model_not_found",
            ProblemKind.TooMany => "rate_limit_exceeded",
            ProblemKind.Unavailable => "unavailable",
            _ => "invalid_request",
        };

    private static int StatusOf(Problem problem) => ((IStatusCodeHttpResult)ApiResults.From(problem)).StatusCode!.Value;

    private static FieldError? FirstOf(Problem problem) => problem.Errors.Count > 0 ? problem.Errors[0] : null;

    private static string MessageOf(Problem problem) =>
        FirstOf(problem) is not { } first || first.Message == problem.Message || problem.Kind != ProblemKind.Invalid
            ? problem.Message
            : $"{problem.Message} {first.Field}: {first.Message}";

    private static object ErrorOf(int status, string message, string code, string? param) =>
        new
        {
            message,
            type = TypeOf(status),
            param,
            code,
        };

    private static string TypeOf(int status) =>
        status switch
        {
            StatusCodes.Status401Unauthorized => "authentication_error",
            StatusCodes.Status402PaymentRequired => "insufficient_quota",
            StatusCodes.Status403Forbidden => "permission_error",
            StatusCodes.Status429TooManyRequests => "rate_limit_error",
            >= StatusCodes.Status500InternalServerError => "server_error",
            _ => "invalid_request_error",
        };
}
