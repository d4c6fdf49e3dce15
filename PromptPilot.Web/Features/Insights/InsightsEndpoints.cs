using PromptPilot.Core.Insights;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Insights;

/// <summary>Metrics over time: <c>/api/v1/insights</c> for API keys, and a file for the page.</summary>
internal static class InsightsEndpoints
{
    public static IEndpointRouteBuilder MapInsights(this IEndpointRouteBuilder api)
    {
        var insights = api.MapGroup("/insights").WithTags("Insights");
        insights
            .MapGet("", FindAsync)
            .WithSummary("Read metrics of runs, model calls and ratings, over time and by group")
            .WithDescription(
                "With `groupBy` workflow, trigger or person, counts ended runs by the time they were queued, without test runs and "
                    + "experiments; with promptVersion or model, all model calls. `unit` is `hour` (up to 14 days), `day` or `week` (from "
                    + "Monday), all UTC; without it, the length of the range decides. Without `from` and `to`, covers the last 30 days. "
                    + "Only admins see the cost of one person's runs. Metrics are a few seconds behind."
            )
            .Produces<InsightsReport>()
            .ProducesProblem(400);
        insights
            .MapGet("/export", ExportAsync)
            .WithSummary("Export metrics as CSV, with the same filters")
            .WithDescription("`table` is `groups` (one row per workflow, prompt version …) or `series` (one row per hour, day or week).")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv")
            .ProducesProblem(400);
        insights
            .MapPost(
                "/rebuild",
                async (HttpContext http, InsightsService service, CancellationToken cancellationToken) =>
                    ApiResults.From(await service.RebuildAsync(http.Actor(), cancellationToken), _ => Results.Accepted())
            )
            .WithSummary("Rebuild the metrics from all runs, calls and ratings, in the background")
            .WithDescription("Metrics of deleted runs are kept. `counted` in the metrics shows the progress.")
            .Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(403);
        return api;
    }

    public static void MapInsightsExport(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/insights/export.csv",
                (
                    HttpContext http,
                    InsightsService service,
                    [AsParameters] InsightsParameters parameters,
                    string? table,
                    CancellationToken cancellationToken
                ) => FileAsync(CurrentActor.Of(http.User), service, parameters, table, cancellationToken)
            )
            .ExcludeFromDescription();

    private static async Task<IResult> FindAsync(
        HttpContext http,
        InsightsService service,
        [AsParameters] InsightsParameters parameters,
        CancellationToken cancellationToken
    )
    {
        var filter = parameters.ToFilter();
        return filter.IsOk
            ? ApiResults.From(await service.FindAsync(http.Actor(), filter.Value, cancellationToken))
            : ApiResults.From(filter.Problem);
    }

    private static Task<IResult> ExportAsync(
        HttpContext http,
        InsightsService service,
        [AsParameters] InsightsParameters parameters,
        string? table,
        CancellationToken cancellationToken
    ) => FileAsync(http.Actor(), service, parameters, table, cancellationToken);

    private static async Task<IResult> FileAsync(
        Actor actor,
        InsightsService service,
        InsightsParameters parameters,
        string? table,
        CancellationToken cancellationToken
    )
    {
        var filter = parameters.ToFilter();
        var wanted = ApiWords.Read<InsightsTable>(nameof(table), table);
        if ((filter.Problem ?? wanted.Problem) is { } problem)
        {
            return ApiResults.From(problem);
        }

        var file = await service.ExportAsync(actor, filter.Value, wanted.Value ?? InsightsTable.Groups, cancellationToken);
        return ApiResults.From(file, value => Results.File(value.Content, "text/csv; charset=utf-8", value.Name));
    }
}
