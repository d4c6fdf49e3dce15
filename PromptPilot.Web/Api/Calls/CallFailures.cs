using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;

namespace PromptPilot.Web.Api.Calls;

/// <summary>A failed call of a model, as an answer over HTTP.</summary>
internal static class CallFailures
{
    /// <summary>The log has what happened; <c>code</c> is its error code.</summary>
    public static IResult From(ExecutionLog log) => Results.Problem(Details(log));

    /// <inheritdoc cref="From"/>
    public static Microsoft.AspNetCore.Mvc.ProblemDetails Details(ExecutionLog log) =>
        new()
        {
            Status = StatusOf(log.ErrorCode),
            Title = "The model call failed",
            Detail = log.ErrorMessage,
            Extensions = { ["code"] = log.ErrorCode, ["executionLogId"] = log.Id },
        };

    public static int StatusOf(ErrorCode? code) =>
        code switch
        {
            ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
            ErrorCode.Quota or ErrorCode.Budget => StatusCodes.Status402PaymentRequired,
            ErrorCode.ContextTooLong or ErrorCode.ContentFiltered => StatusCodes.Status422UnprocessableEntity,
            ErrorCode.Timeout => StatusCodes.Status504GatewayTimeout,
            ErrorCode.Interrupted or ErrorCode.Cancelled => StatusCodes.Status503ServiceUnavailable,
            ErrorCode.Internal or null => StatusCodes.Status500InternalServerError,
            ErrorCode.Auth
            or ErrorCode.BadRequest
            or ErrorCode.ModelUnavailable
            or ErrorCode.ProviderError
            or ErrorCode.Unreachable
            or ErrorCode.IncompleteStream
            or ErrorCode.InvalidOutput => StatusCodes.Status502BadGateway,
        };
}
