using PromptPilot.Core.Approvals;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Approvals;

/// <summary>Protections, nested under their prompt or workflow.</summary>
internal static class ProtectionsEndpoints
{
    public static void MapProtections(this IEndpointRouteBuilder api)
    {
        var prompts = api.MapGroup("/prompts/{id}").WithTags("Change requests");
        prompts
            .MapGet("/protections", ListAsync)
            .WithSummary("List the protections of a prompt’s labels")
            .Produces<IReadOnlyList<ProtectionView>>();
        prompts
            .MapPut("/labels/{label}/protection", ProtectLabelAsync)
            .WithSummary("Protect a label, or change its protection (admin)")
            .Accepts<ProtectionBody>("application/json")
            .Produces<ProtectionView>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        prompts
            .MapDelete("/labels/{label}/protection", UnprotectLabelAsync)
            .WithSummary("Remove the protection of a label (admin)")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
        var workflows = api.MapGroup("/workflows/{id}/protection").WithTags("Change requests");
        workflows
            .MapGet("/", FindAsync)
            .WithSummary("Read the protection of a workflow’s publishing")
            .Produces<ProtectionView>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        workflows
            .MapPut("/", ProtectWorkflowAsync)
            .WithSummary("Protect the publishing of a workflow, or change its protection (admin)")
            .Accepts<ProtectionBody>("application/json")
            .Produces<ProtectionView>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        workflows
            .MapDelete("/", UnprotectWorkflowAsync)
            .WithSummary("Remove the protection of a workflow (admin)")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        string id,
        ProtectionService protections,
        CancellationToken cancellationToken
    ) => ApiResults.From(await protections.ListAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> ProtectLabelAsync(
        HttpContext http,
        string id,
        string label,
        ProtectionService protections,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<ProtectionBody>(http, cancellationToken);
        return body.IsOk
            ? ApiResults.From(await protections.ProtectLabelAsync(http.Actor(), id, label, body.Value.ToContent(), cancellationToken))
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> UnprotectLabelAsync(
        HttpContext http,
        string id,
        string label,
        ProtectionService protections,
        CancellationToken cancellationToken
    ) => ApiResults.From(await protections.UnprotectLabelAsync(http.Actor(), id, label, cancellationToken), _ => Results.NoContent());

    private static async Task<IResult> FindAsync(
        HttpContext http,
        string id,
        ProtectionService protections,
        CancellationToken cancellationToken
    ) => ApiResults.From(await protections.FindOfWorkflowAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> ProtectWorkflowAsync(
        HttpContext http,
        string id,
        ProtectionService protections,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<ProtectionBody>(http, cancellationToken);
        return body.IsOk
            ? ApiResults.From(await protections.ProtectWorkflowAsync(http.Actor(), id, body.Value.ToContent(), cancellationToken))
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> UnprotectWorkflowAsync(
        HttpContext http,
        string id,
        ProtectionService protections,
        CancellationToken cancellationToken
    ) => ApiResults.From(await protections.UnprotectWorkflowAsync(http.Actor(), id, cancellationToken), _ => Results.NoContent());

    /// <summary>The fields of a protection. By default it requires one approval.</summary>
    internal sealed record ProtectionBody(
        string? TestSetId = null,
        string? ModelProfileId = null,
        int? MinPassPercent = null,
        int? MaxRegressions = null,
        int? Approvals = null
    )
    {
        public ProtectionContent ToContent() =>
            new(TestSetId, ModelProfileId, MinPassPercent ?? (TestSetId is null ? 0 : 100), MaxRegressions ?? 0, Approvals ?? 1);
    }
}
