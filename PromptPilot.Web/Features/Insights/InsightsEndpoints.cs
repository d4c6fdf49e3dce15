using PromptPilot.Core.Insights;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Insights;

/// <summary>Figures over time: under <c>/api/v1/insights</c> by key, and as a file for the page.</summary>
internal static class InsightsEndpoints
{
    public static IEndpointRouteBuilder MapInsights(this IEndpointRouteBuilder api)
    {
        var insights = api.MapGroup("/insights").WithTags("Insights");
        insights
            .MapGet("", FindAsync)
            .WithSummary("Figures of runs, model calls and ratings over time and by group")
            .WithDescription(
                "`groupBy` is `workflow`, `trigger` or `person` for ended runs, by the time they were queued, without test runs and "
                    + "experiments; or `promptVersion` or `model` for all model calls. `unit` is `hour` (for up to 14 days) or `day`, both "
                    + "UTC. Without `from` and `to`: the last 30 days. Only admins see what the runs of one person cost. Figures follow a "
                    + "few seconds behind."
            )
            .Produces<InsightsReport>()
            .ProducesProblem(400);
        insights
            .MapGet("/export", ExportAsync)
            .WithSummary("Export figures as CSV, with the same filters")
            .WithDescription("`table` is `groups` (a row for each workflow, prompt version …) or `series` (a row for each hour or day).")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv")
            .ProducesProblem(400);
        insights
            .MapPost(
                "/rebuild",
                async (HttpContext http, InsightsService service, CancellationToken cancellationToken) =>
                    ApiResults.From(await service.RebuildAsync(http.Actor(), cancellationToken), _ => Results.Accepted())
            )
            .WithSummary("Count all runs, calls and ratings again, in the background")
            .WithDescription("Sums of what retention removed are kept. `counted` of the figures tells how far it is.")
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
