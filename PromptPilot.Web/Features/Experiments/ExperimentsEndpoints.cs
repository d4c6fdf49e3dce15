using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Experiments;

/// <summary>Experiments under <c>/api/v1/experiments</c>, and their results as a file for the page.</summary>
internal static class ExperimentsEndpoints
{
    public static IEndpointRouteBuilder MapExperiments(this IEndpointRouteBuilder api)
    {
        var experiments = api.MapGroup("/experiments").WithTags("Experiments");
        experiments.MapGet("/", ListAsync).WithSummary("List experiments, newest first").Produces<Page<ExperimentListItem>>();
        experiments
            .MapPost("/", StartAsync)
            .WithSummary(
                "Start an experiment: variants of a prompt or workflow over the cases of a test set. preview=true only shows calls and "
                    + "cost. reuse=true reuses results of earlier experiments where nothing changed. Send an Idempotency-Key to repeat the "
                    + "request safely"
            )
            .Produces<ExperimentView>(StatusCodes.Status201Created)
            .Produces<ExperimentPreview>();
        experiments.MapGet("/{id}", FindAsync).WithSummary("Read an experiment with its results").Produces<ExperimentView>();
        experiments
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete an experiment that has ended")
            .Produces(StatusCodes.Status204NoContent);
        experiments
            .MapPost("/{id}/cancel", CancelAsync)
            .WithSummary("Stop an experiment and its calls in flight")
            .Produces<ExperimentView>();
        experiments.MapPost("/{id}/resume", ResumeAsync).WithSummary("Rerun the calls without an output").Produces<ExperimentView>();
        experiments
            .MapGet(
                "/{id}/export",
                async (HttpContext http, string id, ExperimentResultService results, CancellationToken cancellationToken) =>
                    Csv(await results.ExportAsync(http.Actor(), id, cancellationToken))
            )
            .WithSummary("Export the results as CSV: a row for each call, or the file of a batch with its outputs")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv");
        return api;
    }

    public static void MapExperimentExport(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/experiments/{id}/results.csv",
                async (HttpContext http, string id, ExperimentResultService results, CancellationToken cancellationToken) =>
                    Csv(await results.ExportAsync(CurrentActor.Of(http.User), id, cancellationToken))
            )
            .ExcludeFromDescription();

    private static async Task<IResult> ListAsync(
        HttpContext http,
        ExperimentResultService results,
        CancellationToken cancellationToken,
        string? testSetId = null,
        string? workflowId = null,
        string? after = null,
        int limit = 50
    ) => ApiResults.From(await results.ListAsync(http.Actor(), testSetId, workflowId, new PageRequest(after, limit), cancellationToken));

    private static async Task<IResult> StartAsync(
        HttpContext http,
        JsonBody<ExperimentBody> body,
        ExperimentService experiments,
        ExperimentResultService results,
        CancellationToken cancellationToken,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey = null,
        bool preview = false
    )
    {
        var request = body.Value.ToRequest() with { IdempotencyKey = idempotencyKey };
        if (request.TestSetId.Length == 0)
        {
            return ApiResults.From(Problem.AtField("testSetId", "Enter the id of a test set."));
        }

        if (preview)
        {
            return ApiResults.From(await experiments.PreviewAsync(http.Actor(), request, cancellationToken));
        }

        var started = await experiments.StartAsync(http.Actor(), request, cancellationToken);
        return started.IsOk
            ? ApiResults.From(
                await results.FindAsync(http.Actor(), started.Value, cancellationToken),
                view => Results.Created($"/api/v1/experiments/{view.Id}", view)
            )
            : ApiResults.From(started.Problem);
    }

    private static async Task<IResult> FindAsync(
        HttpContext http,
        string id,
        ExperimentResultService results,
        CancellationToken cancellationToken
    ) => ApiResults.From(await results.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        string id,
        ExperimentService experiments,
        CancellationToken cancellationToken
    ) => ApiResults.From(await experiments.DeleteAsync(http.Actor(), id, cancellationToken), _ => Results.NoContent());

    private static async Task<IResult> CancelAsync(
        HttpContext http,
        string id,
        ExperimentService experiments,
        ExperimentResultService results,
        CancellationToken cancellationToken
    )
    {
        var cancelled = await experiments.CancelAsync(http.Actor(), id, cancellationToken);
        return cancelled.IsOk
            ? ApiResults.From(await results.FindAsync(http.Actor(), id, cancellationToken))
            : ApiResults.From(cancelled.Problem);
    }

    private static async Task<IResult> ResumeAsync(
        HttpContext http,
        string id,
        ExperimentService experiments,
        ExperimentResultService results,
        CancellationToken cancellationToken
    )
    {
        var resumed = await experiments.ResumeAsync(http.Actor(), id, cancellationToken);
        return resumed.IsOk
            ? ApiResults.From(await results.FindAsync(http.Actor(), id, cancellationToken))
            : ApiResults.From(resumed.Problem);
    }

    private static IResult Csv(Result<ExperimentFile> file) =>
        ApiResults.From(file, value => Results.File(value.Content, "text/csv; charset=utf-8", value.Name));
}
