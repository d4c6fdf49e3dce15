using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>Calls that applications made themselves, under <c>/api/v1/execution-logs</c>.</summary>
internal static class CallReportEndpoints
{
    public static void MapCallReports(this IEndpointRouteBuilder api) =>
        api.MapPost("/execution-logs", ReportAsync)
            .WithTags("Execution logs")
            .WithSummary("Report a model call that your application made itself with a version of a prompt")
            .WithDescription(
                "Send a UUID of your own as `id` to repeat a report safely. The cost appears in Insights but counts toward no budget. "
                    + "Needs a key with the scope `report` or higher."
            )
            .Produces<ExecutionLogBody>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<IResult> ReportAsync(
        HttpContext http,
        JsonBody<CallReportBody> body,
        CallReportService reports,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            await reports.ReportAsync(http.Actor(), body.Value.ToReport(), cancellationToken),
            log => Results.Created($"/api/v1/execution-logs/{log.Id}", ExecutionLogBody.Of(log))
        );

    /// <summary>One call.</summary>
    /// <param name="PromptVersionId">The <c>id</c> of a prompt by its name, or <c>promptVersionId</c> of a rendered one.</param>
    /// <param name="Model">The provider's name of the model.</param>
    /// <param name="Timestamp">The start of the call; without it, now less the duration.</param>
    /// <param name="Cost">Cost in USD.</param>
    internal sealed record CallReportBody(
        string? Id,
        string? PromptVersionId,
        string? Model,
        Dictionary<string, JsonElement>? Input,
        string? Output,
        ExecutionStatus? Status,
        ErrorCode? ErrorCode,
        string? ErrorMessage,
        DateTimeOffset? Timestamp,
        long? DurationMs,
        long? FirstTokenMs,
        int? InputTokens,
        int? OutputTokens,
        decimal? Cost
    )
    {
        public CallReport ToReport() =>
            new(
                Id,
                PromptVersionId ?? "",
                Model ?? "",
                Input ?? [],
                Output ?? "",
                Status ?? ExecutionStatus.Success,
                ErrorCode,
                ErrorMessage,
                Timestamp?.UtcDateTime,
                DurationMs ?? 0,
                FirstTokenMs,
                InputTokens ?? 0,
                OutputTokens ?? 0,
                Cost ?? 0
            );
    }
}
