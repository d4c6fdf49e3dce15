using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class RunsEndpoints
{
    private const int LongestWaitSeconds = 300;

    /// <summary>The parts of an ended run that a waiting caller can request.</summary>
    private enum AnswerFields
    {
        All,
        Outputs,
    }

    public static IEndpointRouteBuilder MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workflows/{workflowId}/runs", StartAsync)
            .WithTags("Runs")
            .WithSummary("Run the published version of a workflow")
            .Accepts<StartRunBody>(isOptional: true, "application/json")
            .WithDescription(
                "Returns 202 with the run's id. With `?wait=SECONDS` (up to 300), returns 200 with the run if it ends in time; add "
                    + "`&fields=outputs` for only its id, status, outputs and error. Send an `Idempotency-Key` to repeat the request "
                    + "safely."
            )
            .Produces<RunResponse>()
            .Produces<StartedRunResponse>(StatusCodes.Status202Accepted)
            .ProducesProblem(400)
            .ProducesProblem(403)
            .ProducesProblem(404)
            .ProducesProblem(409)
            .ProducesProblem(422)
            .ProducesProblem(503);
        var runs = api.MapGroup("/runs").WithTags("Runs");
        runs.MapGet("", ListAsync)
            .WithSummary("List runs, newest first")
            .WithDescription(
                "`from` and `to` (ISO 8601) limit when a run was queued. `text` is part of the workflow's name or of an input, "
                    + "or the run's id. It is searched for in the newest 20,000 runs that match the other filters."
            )
            .Produces<Page<RunSummaryResponse>>()
            .ProducesProblem(400);
        runs.MapGet("/{id}", FindAsync).WithSummary("Read a run with its steps and logs").Produces<RunResponse>().ProducesProblem(404);
        runs.MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete a run that has ended, with its logs and feedback")
            .WithDescription("Refused while the run is unfinished or pinned, or while a retry or fork reuses its results.")
            .Produces(204)
            .ProducesProblem(404)
            .ProducesProblem(409);
        runs.MapPost("/{id}/cancel", CancelAsync)
            .WithSummary("Cancel a run. Model calls in progress are aborted")
            .Produces<RunResponse>()
            .ProducesProblem(404)
            .ProducesProblem(409);
        runs.MapGet("/{id}/events", FollowAsync)
            .WithSummary("Follow a run with server-sent events")
            .WithDescription(
                "Events: `snapshot`, then `run`, `step` and `delta` as they occur, then `end`. Each connection starts with a "
                    + "snapshot that includes partial texts. A `step` carries only new logs."
            )
            .Produces(200, contentType: "text/event-stream")
            .ProducesProblem(404);
        runs.MapReplays();
        runs.MapKeeping();
        api.MapCallReports();
        return api;
    }

    private static async Task<IResult> StartAsync(
        HttpContext http,
        RunService runs,
        IHostApplicationLifetime lifetime,
        string workflowId,
        [FromQuery] int? wait,
        [FromQuery] string? fields,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken
    )
    {
        if (wait is < 0 or > LongestWaitSeconds)
        {
            return ApiResults.From(Problem.AtField("wait", $"“wait” must be a number of seconds from 0 to {LongestWaitSeconds}."));
        }

        var wanted = ApiWords.Read<AnswerFields>(nameof(fields), fields);
        if (!wanted.IsOk)
        {
            return ApiResults.From(wanted.Problem);
        }

        StartRunBody? body = null;
        if (http.Request.ContentLength is not (null or 0) || http.Request.HasJsonContentType())
        {
            var read = await ApiBody.ReadAsync<StartRunBody>(http, cancellationToken);
            if (!read.IsOk)
            {
                return ApiResults.From(read.Problem);
            }

            body = read.Value;
        }

        var inputs = body?.Inputs ?? [];
        var request = new StartRunRequest(workflowId, inputs, idempotencyKey, idempotencyKey is null ? null : Hash(workflowId, inputs));
        var started = await runs.StartAsync(http.Actor(), request, cancellationToken);
        if (!started.IsOk)
        {
            return ApiResults.From(started.Problem);
        }

        if (wait is > 0)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
            try
            {
                var view = await runs.WaitAsync(http.Actor(), started.Value.Id, TimeSpan.FromSeconds(wait.Value), either.Token);
                if (!view.IsOk || view.Value.IsFinished)
                {
                    return ApiResults.From(
                        view,
                        value => new StreamedJson(
                            wanted.Value == AnswerFields.Outputs ? RunOutputsResponse.From(value) : RunResponse.From(value)
                        )
                    );
                }
            }
            catch (OperationCanceledException)
                when (lifetime.ApplicationStopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // The host stops: the run continues at its next start, and the caller knows its id.
            }
        }

        return Results.Accepted($"/api/v1/runs/{started.Value.Id}", new StartedRunResponse(started.Value.Id, started.Value.Status));
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        RunService runs,
        [FromQuery] string? workflowId,
        [FromQuery] string? status,
        [FromQuery] string? triggerKind,
        [FromQuery] string? startedBy,
        [FromQuery] bool? pinned,
        [FromQuery] bool? isDraft,
        [FromQuery] DateTimeOffset? from,
        [FromQuery] DateTimeOffset? to,
        [FromQuery] string? text,
        [FromQuery] string? after,
        [FromQuery] int? limit,
        CancellationToken cancellationToken
    )
    {
        var wantedStatus = ApiWords.Read<RunStatus>(nameof(status), status);
        var wantedTrigger = ApiWords.Read<TriggerType>(nameof(triggerKind), triggerKind);
        if ((wantedStatus.Problem ?? wantedTrigger.Problem) is { } problem)
        {
            return ApiResults.From(problem);
        }

        var filter = new RunFilter(
            workflowId,
            wantedStatus.Value,
            wantedTrigger.Value,
            startedBy,
            from?.UtcDateTime,
            to?.UtcDateTime,
            text,
            pinned,
            IsDraft: isDraft
        );
        var page = await runs.ListAsync(http.Actor(), filter, new PageRequest(after, limit ?? 50), cancellationToken);
        return ApiResults.From(
            page.Map(value => new Page<RunSummaryResponse>([.. value.Items.Select(RunSummaryResponse.From)], value.Next))
        );
    }

    private static async Task<IResult> FindAsync(HttpContext http, RunService runs, string id, CancellationToken cancellationToken) =>
        ApiResults.From((await runs.FindAsync(http.Actor(), id, cancellationToken)).Map(view => RunResponse.From(view)));

    private static async Task<IResult> CancelAsync(HttpContext http, RunService runs, string id, CancellationToken cancellationToken)
    {
        var cancelled = await runs.CancelAsync(http.Actor(), id, cancellationToken);
        return cancelled.IsOk ? await FindAsync(http, runs, id, cancellationToken) : ApiResults.From(cancelled.Problem);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, RunService runs, string id, CancellationToken cancellationToken) =>
        ApiResults.From(await runs.DeleteAsync(http.Actor(), id, cancellationToken), _ => Results.NoContent());

    private static async Task FollowAsync(
        HttpContext http,
        RunService runs,
        TimeProvider time,
        RevocationWatch revocation,
        IHostApplicationLifetime lifetime,
        string id,
        CancellationToken cancellationToken
    )
    {
        var watch = await runs.WatchAsync(http.Actor(), id, cancellationToken);
        if (!watch.IsOk)
        {
            await ApiResults.From(watch.Problem).ExecuteAsync(http);
            return;
        }

        using var held = watch.Value;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await revocation.RunAsync(
                http.Actor(),
                allowed => StreamedEvents.WriteAsync(http.Response, new RunEventStream(held, time).ReadAsync(allowed), allowed),
                either.Token
            );
        }
        catch (OperationCanceledException)
        {
            // The viewer went away or may no longer look, or the host stops; a new connection starts with a snapshot.
        }
    }

    /// <summary>The same workflow and inputs give the same hash, in any order of fields.</summary>
    private static string Hash(string workflowId, Dictionary<string, JsonElement> inputs)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(
            new { workflowId, inputs = new SortedDictionary<string, JsonElement>(inputs, StringComparer.Ordinal) },
            AppJson.Options
        );
        return Convert.ToHexString(SHA256.HashData(text));
    }
}
