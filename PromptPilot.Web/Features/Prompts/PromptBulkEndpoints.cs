using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>Changes of many prompts at once, under <c>/api/v1/prompts/bulk</c>.</summary>
internal static class PromptBulkEndpoints
{
    public static void MapPromptsInBulk(this IEndpointRouteBuilder prompts)
    {
        prompts
            .MapPost("/bulk/tag", TagAsync)
            .WithSummary("Add tags to and remove tags from up to 500 prompts. Each changed prompt gets a patch version")
            .Accepts<BulkTagBody>("application/json")
            .Produces<BulkOutcome>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        prompts
            .MapPost(
                "/bulk/archive",
                (HttpContext http, PromptBulkService bulk, CancellationToken cancellationToken) =>
                    ArchiveAsync(http, bulk, true, cancellationToken)
            )
            .WithSummary("Archive up to 500 prompts. Lists hide them; workflows that use them keep running")
            .Accepts<BulkBody>("application/json")
            .Produces<BulkOutcome>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        prompts
            .MapPost(
                "/bulk/unarchive",
                (HttpContext http, PromptBulkService bulk, CancellationToken cancellationToken) =>
                    ArchiveAsync(http, bulk, false, cancellationToken)
            )
            .WithSummary("Unarchive up to 500 prompts")
            .Accepts<BulkBody>("application/json")
            .Produces<BulkOutcome>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> TagAsync(HttpContext http, PromptBulkService bulk, CancellationToken cancellationToken)
    {
        var body = await ApiBody.ReadAsync<BulkTagBody>(http, cancellationToken);
        return body.IsOk
            ? ApiResults.From(
                await bulk.TagAsync(http.Actor(), Texts(body.Value.Ids), Texts(body.Value.Add), Texts(body.Value.Remove), cancellationToken)
            )
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> ArchiveAsync(
        HttpContext http,
        PromptBulkService bulk,
        bool archived,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<BulkBody>(http, cancellationToken);
        return body.IsOk
            ? ApiResults.From(await bulk.ArchiveAsync(http.Actor(), Texts(body.Value.Ids), archived, cancellationToken))
            : ApiResults.From(body.Problem);
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<string?>? texts) => [.. (texts ?? []).OfType<string>()];
}
