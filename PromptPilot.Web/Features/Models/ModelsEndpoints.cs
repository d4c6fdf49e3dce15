using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Models;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class ModelsEndpoints
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder api)
    {
        var profiles = api.MapGroup("/model-profiles").WithTags("Model profiles");
        profiles.MapGet("/", ListAsync).WithSummary("List model profiles by name (admin)").Produces<Page<ModelProfileAnswer>>();
        profiles
            .MapGet("/names", NamesAsync)
            .WithSummary("List names and ids of all model profiles to choose from")
            .Produces<Page<ModelProfileName>>();
        profiles
            .MapPost("/", CreateAsync)
            .WithSummary("Create a model profile (admin)")
            .Produces<ModelProfileAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        profiles
            .MapGet("/{id}", GetAsync)
            .WithSummary("Read a model profile; its key is never shown (admin)")
            .Produces<ModelProfileAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        profiles
            .MapPut("/{id}", UpdateAsync)
            .WithSummary("Replace a model profile. Its key is kept unless you send one (admin)")
            .Produces<ModelProfileAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        profiles
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete a model profile that no workflow uses (admin)")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        profiles
            .MapPost("/{id}/test", TestAsync)
            .WithSummary("Call the model once with a short text. A provider failure is reported in the response (admin)")
            .Produces<ModelTestAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        ModelProfileService profiles,
        string? after,
        int? limit,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            (await profiles.ListAsync(http.Actor(), new PageRequest(after, limit ?? 50), cancellationToken)).Map(
                page => new Page<ModelProfileAnswer>([.. page.Items.Select(ModelProfileAnswer.From)], page.Next)
            )
        );

    private static async Task<IResult> NamesAsync(HttpContext http, ModelProfileService profiles, CancellationToken cancellationToken) =>
        ApiResults.From(
            (await profiles.ListNamesAsync(http.Actor(), cancellationToken)).Map(names => new Page<ModelProfileName>(names, null))
        );

    private static async Task<IResult> GetAsync(
        HttpContext http,
        ModelProfileService profiles,
        string id,
        CancellationToken cancellationToken
    ) => Answer(http, await profiles.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> CreateAsync(
        HttpContext http,
        ModelProfileService profiles,
        JsonBody<ModelProfileBody> body,
        CancellationToken cancellationToken
    ) => Answer(http, await profiles.CreateAsync(http.Actor(), body.Value.ToContent(), cancellationToken), created: true);

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        ModelProfileService profiles,
        string id,
        JsonBody<ModelProfileBody> body,
        CancellationToken cancellationToken
    )
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? Answer(http, await profiles.UpdateAsync(http.Actor(), id, body.Value.ToContent(), revision.Value, cancellationToken))
            : ApiResults.From(revision.Problem);
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        ModelProfileService profiles,
        string id,
        CancellationToken cancellationToken
    )
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? ApiResults.From(await profiles.DeleteAsync(http.Actor(), id, revision.Value, cancellationToken), _ => Results.NoContent())
            : ApiResults.From(revision.Problem);
    }

    private static async Task<IResult> TestAsync(
        HttpContext http,
        ModelProfileService profiles,
        string id,
        CancellationToken cancellationToken
    ) => ApiResults.From((await profiles.TestAsync(http.Actor(), id, cancellationToken)).Map(ModelTestAnswer.From));

    private static IResult Answer(HttpContext http, Result<ModelProfileView> view, bool created = false) =>
        ApiResults.From(
            view,
            value =>
            {
                ETags.Set(http, value.Revision);
                var answer = ModelProfileAnswer.From(value);
                return created ? Results.Created($"/api/v1/model-profiles/{value.Id}", answer) : Results.Ok(answer);
            }
        );
}
