using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>The request to pin or unpin a run.</summary>
internal sealed record PinBody(bool? Pinned);

/// <summary>The request to delete runs.</summary>
/// <param name="Ids">1 to 500.</param>
internal sealed record DeleteRunsBody(IReadOnlyList<string>? Ids);

/// <summary>Pinning and deleting, under <c>/api/v1/runs</c>.</summary>
internal static class RunKeepEndpoints
{
    public static void MapKeeping(this RouteGroupBuilder runs)
    {
        runs.MapPut("/{id}/pin", PinAsync)
            .WithSummary("Pin or unpin a run")
            .Accepts<PinBody>("application/json")
            .WithDescription("A pinned run is kept regardless of retention and cannot be deleted until it is unpinned.")
            .Produces<RunResponse>()
            .ProducesProblem(400)
            .ProducesProblem(404);
        runs.MapPost("/delete", DeleteAsync)
            .WithSummary("Delete up to 500 runs with their logs and feedback")
            .Accepts<DeleteRunsBody>("application/json")
            .WithDescription(
                "All deletable runs are deleted together. `kept` lists the others with the reason: not ended, pinned, or its "
                    + "results are reused by another run. A run and its retries can be deleted in one request."
            )
            .Produces<DeletedRuns>()
            .ProducesProblem(400);
    }

    private static async Task<IResult> PinAsync(
        HttpContext http,
        RunKeepService keeping,
        RunService runs,
        string id,
        CancellationToken cancellationToken
    )
    {
        var read = await ApiBody.ReadAsync<PinBody>(http, cancellationToken);
        if (!read.IsOk)
        {
            return ApiResults.From(read.Problem);
        }

        if (read.Value.Pinned is not { } pinned)
        {
            return ApiResults.From(Problem.AtField("pinned", "Send true or false."));
        }

        var done = await keeping.PinAsync(http.Actor(), id, pinned, cancellationToken);
        return done.IsOk
            ? ApiResults.From((await runs.FindAsync(http.Actor(), id, cancellationToken)).Map(view => RunResponse.From(view)))
            : ApiResults.From(done.Problem);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, RunKeepService keeping, CancellationToken cancellationToken)
    {
        var read = await ApiBody.ReadAsync<DeleteRunsBody>(http, cancellationToken);
        return read.IsOk
            ? ApiResults.From(await keeping.DeleteManyAsync(http.Actor(), read.Value.Ids ?? [], cancellationToken))
            : ApiResults.From(read.Problem);
    }
}
