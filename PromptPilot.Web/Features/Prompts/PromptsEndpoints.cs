using PromptPilot.Core.Approvals;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Features.Prompts.Calls;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class PromptsEndpoints
{
    public static IEndpointRouteBuilder MapPrompts(this IEndpointRouteBuilder api)
    {
        var prompts = api.MapGroup("/prompts").WithTags("Prompts");
        prompts
            .MapGet("/", ListAsync)
            .WithSummary("List prompts without their texts, by name or in the order of `sort`")
            .Produces<Page<PromptSummary>>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithDescription(
                "All words of `text` must occur in name, category, tags or texts. Filter by `category`, `tag`, `label` and `author` "
                    + "(a user id). `archived=true` lists archived prompts instead. `sort` is one of name, match, updated, "
                    + "use, rating."
            );
        prompts.MapPromptsInBulk();
        prompts
            .MapPost("/", CreateAsync)
            .WithSummary("Create a prompt and its version 1.0.0")
            .Accepts<PromptBody>("application/json")
            .Produces<PromptAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);
        prompts
            .MapGet("/{id}", GetAsync)
            .WithSummary("Read a prompt, with its ETag")
            .Produces<PromptAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        prompts
            .MapPut("/{id}", UpdateAsync)
            .WithSummary("Replace a prompt. A change creates a new version")
            .Accepts<PromptBody>("application/json")
            .Produces<PromptAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        prompts
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete a prompt that no workflow uses")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        prompts
            .MapGet("/{id}/versions", ListVersionsAsync)
            .WithSummary("List the versions of a prompt, newest first")
            .Produces<Page<PromptVersionAnswer>>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        prompts
            .MapPut("/{id}/labels/{label}", SetLabelAsync)
            .WithSummary("Set a label on a version. If another version has it, it moves")
            .WithDescription(
                "If the label is protected, returns 409 and creates a change request. Its address is in `instance` and Location. `note` is "
                    + "shown to the approvers."
            )
            .Accepts<LabelBody>("application/json")
            .Produces<PromptLabelItem>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        prompts
            .MapDelete("/{id}/labels/{label}", RemoveLabelAsync)
            .WithSummary("Remove a label that no workflow uses")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        prompts
            .MapGet("/{id}/labels/{label}/impact", FindImpactAsync)
            .WithSummary(
                "Preview the impact of setting a label: which steps follow it and which variables they would miss. Changes nothing"
            )
            .Produces<LabelImpactAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        prompts
            .MapGet("/by-name/{name}", FindByNameAsync)
            .WithSummary("Read a prompt by name, at a label or the latest version. With If-None-Match, returns 304 while it is unchanged")
            .Produces<PromptVersionAnswer>()
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status404NotFound);
        prompts.MapPromptCalls();
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        PromptService prompts,
        CancellationToken cancellationToken,
        string? text = null,
        string? category = null,
        string? tag = null,
        string? label = null,
        string? author = null,
        bool archived = false,
        string? sort = null,
        string? after = null,
        int limit = 50
    )
    {
        var order = ApiWords.Read<PromptSort>(nameof(sort), sort);
        if (!order.IsOk)
        {
            return ApiResults.From(order.Problem);
        }

        return ApiResults.From(
            (
                await prompts.ListAsync(
                    http.Actor(),
                    new PromptFilter(text, category, tag, label, author, archived, order.Value ?? PromptSort.Name),
                    new PageRequest(after, limit),
                    cancellationToken
                )
            ).Map(page => new Page<PromptSummary>([.. page.Items.Select(PromptSummary.From)], page.Next))
        );
    }

    private static async Task<IResult> CreateAsync(HttpContext http, PromptService prompts, CancellationToken cancellationToken)
    {
        var body = await ApiBody.ReadAsync<PromptBody>(http, cancellationToken);
        return body.IsOk
            ? Answer(http, await prompts.CreateAsync(http.Actor(), body.Value.ToDraft(), cancellationToken), created: true)
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id, PromptService prompts, CancellationToken cancellationToken) =>
        Answer(http, await prompts.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> UpdateAsync(HttpContext http, string id, PromptService prompts, CancellationToken cancellationToken)
    {
        var revision = ETags.IfMatch(http);
        if (!revision.IsOk)
        {
            return ApiResults.From(revision.Problem);
        }

        var body = await ApiBody.ReadAsync<PromptBody>(http, cancellationToken);
        return body.IsOk
            ? Answer(http, await prompts.UpdateAsync(http.Actor(), id, body.Value.ToDraft(), revision.Value, cancellationToken))
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, string id, PromptService prompts, CancellationToken cancellationToken)
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? ApiResults.From(await prompts.DeleteAsync(http.Actor(), id, revision.Value, cancellationToken), _ => Results.NoContent())
            : ApiResults.From(revision.Problem);
    }

    private static async Task<IResult> ListVersionsAsync(
        HttpContext http,
        string id,
        PromptService prompts,
        CancellationToken cancellationToken,
        string? after = null,
        int limit = 50
    ) =>
        ApiResults.From(
            (await prompts.ListVersionsAsync(http.Actor(), id, new PageRequest(after, limit), cancellationToken)).Map(
                page => new Page<PromptVersionAnswer>([.. page.Items.Select(PromptVersionAnswer.From)], page.Next)
            )
        );

    private static async Task<IResult> SetLabelAsync(
        HttpContext http,
        string id,
        string label,
        ChangeRequestService changes,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<LabelBody>(http, cancellationToken);
        return body.IsOk
            ? ApiResults.From(
                await changes.SetLabelAsync(http.Actor(), id, label, body.Value.Version ?? "", body.Value.Note, cancellationToken),
                change => change.ChangeRequestId is { } request ? ApiResults.ChangeRequested(http, request) : Results.Ok(change.Label)
            )
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> RemoveLabelAsync(
        HttpContext http,
        string id,
        string label,
        PromptLabelService labels,
        CancellationToken cancellationToken
    ) => ApiResults.From(await labels.RemoveLabelAsync(http.Actor(), id, label, cancellationToken), _ => Results.NoContent());

    private static async Task<IResult> FindImpactAsync(
        HttpContext http,
        string id,
        string label,
        PromptLabelService labels,
        CancellationToken cancellationToken,
        string? version = null
    ) =>
        ApiResults.From(
            (await labels.FindImpactAsync(http.Actor(), id, label, version ?? "", cancellationToken)).Map(LabelImpactAnswer.From)
        );

    private static async Task<IResult> FindByNameAsync(
        HttpContext http,
        string name,
        PromptService prompts,
        CancellationToken cancellationToken,
        string? label = null
    ) =>
        ApiResults.From(
            await prompts.FindByNameAsync(http.Actor(), PromptName.Of(http, name), label, cancellationToken),
            version =>
            {
                // A version never changes, so its id says all; programs ask often and seldom get something new.
                ETags.Set(http, version.Id);
                http.Response.Headers.CacheControl = "private, no-cache";
                return ETags.IsKnown(http, version.Id)
                    ? Results.StatusCode(StatusCodes.Status304NotModified)
                    : Results.Ok(PromptVersionAnswer.From(version));
            }
        );

    private static IResult Answer(HttpContext http, Result<Prompt> prompt, bool created = false) =>
        ApiResults.From(
            prompt,
            value =>
            {
                ETags.Set(http, value.Revision);
                var answer = PromptAnswer.From(value);
                return created ? Results.Created($"/api/v1/prompts/{value.Id}", answer) : Results.Ok(answer);
            }
        );
}
