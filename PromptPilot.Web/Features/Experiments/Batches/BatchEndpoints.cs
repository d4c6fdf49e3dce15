using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Experiments.Batches;

/// <summary>Runs of a workflow over the rows of a file: started under the workflow, then an experiment with rows.</summary>
internal static class BatchEndpoints
{
    public static IEndpointRouteBuilder MapBatches(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workflows/{id}/batches", StartAsync)
            .WithTags("Experiments")
            .WithSummary("Run a workflow over the rows of a CSV file, as an experiment with one variant. preview=true starts nothing")
            .WithDescription(
                "Send an Idempotency-Key to repeat the request safely. While a batch of the same rows is running, the same request without "
                    + "its key is refused with 409."
            )
            .ProducesProblem(409)
            .Produces<ExperimentView>(StatusCodes.Status201Created)
            .Produces<BatchPreview>();
        api.MapGet("/experiments/{id}/rows", ListRowsAsync)
            .WithTags("Experiments")
            .WithSummary("List the rows of a batch with their outputs, in the order of the file")
            .Produces<BatchRows>();
        return api;
    }

    private static async Task<IResult> StartAsync(
        HttpContext http,
        string id,
        JsonBody<BatchBody> body,
        BatchService batches,
        ExperimentResultService results,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey = null,
        bool preview = false,
        CancellationToken cancellationToken = default
    )
    {
        var request = body.Value.ToRequest(id) with { IdempotencyKey = idempotencyKey };
        if (preview)
        {
            return ApiResults.From(await batches.PreviewAsync(http.Actor(), request, cancellationToken));
        }

        var started = await batches.StartAsync(http.Actor(), request, cancellationToken);
        return started.IsOk
            ? ApiResults.From(
                await results.FindAsync(http.Actor(), started.Value, cancellationToken),
                view => Results.Created($"/api/v1/experiments/{view.Id}", view)
            )
            : ApiResults.From(started.Problem);
    }

    private static async Task<IResult> ListRowsAsync(
        HttpContext http,
        string id,
        BatchResultService results,
        CancellationToken cancellationToken,
        string? status = null,
        string? after = null,
        int limit = 50
    )
    {
        var wanted = ApiWords.Read<BatchRowStatus>("status", status);
        return wanted.IsOk
            ? ApiResults.From(await results.ListRowsAsync(http.Actor(), id, wanted.Value, new PageRequest(after, limit), cancellationToken))
            : ApiResults.From(wanted.Problem);
    }

    internal sealed record BatchBody(string? Version, string? Name, string? Csv, IReadOnlyDictionary<string, string?>? Columns)
    {
        public BatchRequest ToRequest(string workflowId) =>
            new(workflowId, Version, Name ?? "", Csv ?? "", Columns?.ToDictionary(column => column.Key, column => column.Value ?? ""));
    }
}
