using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Api;

/// <summary>Rewrites refusals of the server and the framework as problems of this API.</summary>
internal static partial class BadRequests
{
    public static IResult Explain(HttpContext http, BadHttpRequestException exception) =>
        exception switch
        {
            { InnerException: JsonException json } => ApiResults.From(Explain(json)),
            { StatusCode: StatusCodes.Status413PayloadTooLarge } => ApiResults.From(TooLarge(http)),
            { StatusCode: StatusCodes.Status503ServiceUnavailable } => ApiResults.From(Busy()),
            { StatusCode: StatusCodes.Status415UnsupportedMediaType } => ApiResults.From(BodyFormat.Unsupported(http)),
            { StatusCode: StatusCodes.Status408RequestTimeout } => Results.Problem(
                "The body did not arrive in time. Send it again with the correct Content-Length.",
                statusCode: exception.StatusCode,
                title: "The request took too long"
            ),
            _ => ApiResults.From(Explain(exception.Message)),
        };

    /// <summary>Too many bodies are being received.</summary>
    public static Problem Busy() =>
        new(
            ProblemKind.Unavailable,
            "Too much data is being received right now. Send fewer large requests at once, or try again in a minute.",
            []
        );

    /// <summary>Names the limit of the requested address.</summary>
    public static Problem TooLarge(HttpContext http)
    {
        var most = http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? HostConfiguration.MaxRequestBody;
        return new Problem(ProblemKind.TooLarge, $"The body is too large. The limit is {Size(most)}.", []);
    }

    private static string Size(long bytes) =>
        bytes < 1024 * 1024
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024)} MB");

    /// <summary>The framework's messages name its own types and parameters.</summary>
    private static Problem Explain(string message)
    {
        if (Unbound().Match(message) is { Success: true } value)
        {
            return Problem.AtField(
                value.Groups["name"].Value,
                $"“{value.Groups["value"].Value}” is not {Wanted(value.Groups["type"].Value)}."
            );
        }

        if (Missing().Match(message) is { Success: true } parameter)
        {
            return Problem.AtField(parameter.Groups["name"].Value, "This field is required.");
        }

        return message.StartsWith("Implicit body", StringComparison.Ordinal)
            ? Problem.Invalid("The body is missing. Send a JSON object.")
            : Problem.Invalid(message);
    }

    private static string Wanted(string type) =>
        type.Contains("int", StringComparison.OrdinalIgnoreCase) || type.Contains("long", StringComparison.OrdinalIgnoreCase)
            ? "a whole number"
        : type.Contains("bool", StringComparison.OrdinalIgnoreCase) ? "true or false"
        : type.Contains("Date", StringComparison.Ordinal) ? "a time such as 2026-01-31T06:00:00Z"
        : "a valid value";

    private static Problem Explain(JsonException json)
    {
        // For a text that ends too early, the path is only how far it was read.
        var isSyntax = json.InnerException is JsonException { Path: null };
        var field = json.Path is { Length: > 2 } path && !isSyntax ? path.TrimStart('$').TrimStart('.') : null;
        var (line, column) = ((int)(json.LineNumber ?? 0) + 1, (int)(json.BytePositionInLine ?? 0) + 1);
        return field is null
            ? Problem.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON for this request (line {line}, column {column}).")
            )
            : Problem.Invalid(
                $"The value of “{field}” has the wrong type.",
                new FieldError(field, "The value has the wrong type.", line, column)
            );
    }

    [GeneratedRegex("^Failed to bind parameter \"(?<type>.+) (?<name>[^ \"]+)\" from \"(?<value>.*)\"\\.$", RegexOptions.Singleline)]
    private static partial Regex Unbound();

    [GeneratedRegex("^Required parameter \"(?:.+) (?<name>[^ \"]+)\" was not provided", RegexOptions.Singleline)]
    private static partial Regex Missing();
}
