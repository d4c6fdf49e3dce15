using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Api;

/// <summary>Turns what services answer into HTTP: values, or RFC 9457 problems with field errors.</summary>
internal static class ApiResults
{
    private const int LongestField = 300;

    /// <summary>The value by <paramref name="ok"/>, or the problem.</summary>
    public static IResult From<T>(Result<T> result, Func<T, IResult> ok) => result.IsOk ? ok(result.Value) : From(result.Problem);

    /// <summary>200 with the value, or the problem.</summary>
    public static IResult From<T>(Result<T> result)
        where T : notnull => From(result, value => new StreamedJson(value));

    /// <summary>409 for a protected change, with the address of the change request that was created.</summary>
    public static IResult ChangeRequested(HttpContext http, string changeRequestId)
    {
        var address = $"/api/v1/change-requests/{changeRequestId}";
        http.Response.Headers.Location = address;
        return Results.Problem(
            new ProblemDetails
            {
                Status = StatusCodes.Status409Conflict,
                Title = "Approval needed",
                Detail = "This is protected, so nothing has changed yet. A change request is waiting for approval.",
                Instance = address,
            }
        );
    }

    /// <summary>
    /// The problem as <c>application/problem+json</c>; <c>errors</c> is keyed by field, <c>details</c> has lines and columns. Both list
    /// only the first errors and shorten long names: a response must not be many times as large as its request.
    /// </summary>
    public static IResult From(Problem problem)
    {
        var status = StatusOf(problem.Kind);
        var details = new ProblemDetails
        {
            Status = status,
            Title = TitleOf(problem.Kind),
            Detail = problem.Message,
        };
        if (problem.Errors.Count > 0)
        {
            var errors = problem
                .Errors.Take(Problem.MostErrors)
                .Select(error => error with { Field = Shorten.Text(error.Field, LongestField) })
                .ToList();
            details.Extensions["errors"] = errors.GroupBy(e => e.Field).ToDictionary(g => g.Key, g => g.Select(e => e.Message).ToArray());
            details.Extensions["details"] = errors;
        }

        return Results.Problem(details);
    }

    private static int StatusOf(ProblemKind kind) =>
        kind switch
        {
            ProblemKind.Invalid => StatusCodes.Status400BadRequest,
            ProblemKind.Unauthenticated => StatusCodes.Status401Unauthorized,
            ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
            ProblemKind.NotFound => StatusCodes.Status404NotFound,
            ProblemKind.Conflict => StatusCodes.Status409Conflict,
            ProblemKind.Stale => StatusCodes.Status412PreconditionFailed,
            ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
            ProblemKind.UnsupportedType => StatusCodes.Status415UnsupportedMediaType,
            ProblemKind.Unprocessable or ProblemKind.KeyReused => StatusCodes.Status422UnprocessableEntity,
            ProblemKind.TooMany => StatusCodes.Status429TooManyRequests,
            ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        };

    private static string TitleOf(ProblemKind kind) =>
        kind switch
        {
            ProblemKind.Invalid => "Invalid request",
            ProblemKind.Unauthenticated => "Authentication required",
            ProblemKind.Forbidden => "Not allowed",
            ProblemKind.NotFound => "Not found",
            ProblemKind.Conflict => "Conflict",
            ProblemKind.Stale => "Changed by someone else",
            ProblemKind.TooLarge => "Too large",
            ProblemKind.UnsupportedType => "Unsupported content type",
            ProblemKind.Unprocessable => "Unprocessable content",
            ProblemKind.KeyReused => "Conflicts with an earlier request",
            ProblemKind.TooMany => "Too many requests",
            ProblemKind.Unavailable => "Not available",
        };
}
