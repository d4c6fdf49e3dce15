using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>Ratings as a list, as CSV and in sums: under <c>/api/v1/feedback</c> by key, and as a file for the page.</summary>
internal static class FeedbackListEndpoints
{
    public static void MapFeedbackList(this IEndpointRouteBuilder api)
    {
        var feedback = api.MapGroup("/feedback").WithTags("Feedback");
        feedback
            .MapGet(
                "/",
                async (
                    HttpContext http,
                    FeedbackListService service,
                    [AsParameters] FeedbackParameters filter,
                    string? after,
                    CancellationToken cancellationToken,
                    int limit = 50
                ) =>
                    ApiResults.From(
                        await service.ListAsync(http.Actor(), filter.ToFilter(), new PageRequest(after, limit), cancellationToken)
                    )
            )
            .WithSummary("List feedback on all outputs, newest first")
            .Produces<Page<FeedbackListItem>>();
        feedback
            .MapGet(
                "/export",
                async (
                    HttpContext http,
                    FeedbackListService service,
                    [AsParameters] FeedbackParameters filter,
                    CancellationToken cancellationToken
                ) => Csv(await service.ExportAsync(http.Actor(), filter.ToFilter(), cancellationToken))
            )
            .WithSummary("Export feedback as CSV, newest first, with the same filters as the list")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv");
        feedback
            .MapGet(
                "/summary",
                async (HttpContext http, RatingSummaryService service, string promptId, int? days, CancellationToken cancellationToken) =>
                    ApiResults.From(await service.FindAsync(http.Actor(), promptId, days, cancellationToken))
            )
            .WithSummary("Ratings of a prompt by version and model profile: mean, count and spread, and the most frequent tags")
            .Produces<RatingSummary>();
    }

    public static void MapFeedbackExport(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/feedback/export.csv",
                async (HttpContext http, FeedbackListService service, CancellationToken cancellationToken) =>
                {
                    var query = QueryRecord<RatingsQuery>.Read($"http://localhost/{http.Request.QueryString}");
                    return Csv(await service.ExportAsync(CurrentActor.Of(http.User), query.ToFilter(), cancellationToken));
                }
            )
            .ExcludeFromDescription();

    private static IResult Csv(Result<FeedbackFile> file) =>
        ApiResults.From(file, value => Results.File(value.Content, "text/csv; charset=utf-8", value.Name));
}

/// <summary>The filter of a request.</summary>
internal sealed record FeedbackParameters(
    string? PromptId,
    string? WorkflowId,
    string? ModelProfileId,
    string? UserId,
    int? MinRating,
    int? MaxRating,
    string? Tag,
    bool? HasCorrection,
    DateTimeOffset? From,
    DateTimeOffset? To
)
{
    public FeedbackFilter ToFilter() =>
        new(PromptId, WorkflowId, ModelProfileId, UserId, MinRating, MaxRating, Tag, HasCorrection, From?.UtcDateTime, To?.UtcDateTime);
}
