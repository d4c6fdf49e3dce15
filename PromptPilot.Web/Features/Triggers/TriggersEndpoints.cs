using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class TriggersEndpoints
{
    public static IEndpointRouteBuilder MapTriggers(this IEndpointRouteBuilder api)
    {
        var triggers = api.MapGroup("/workflows/{workflowId}/triggers").WithTags("Triggers");
        triggers
            .MapGet("/", ListAsync)
            .WithSummary("List a workflow's triggers")
            .Produces<Page<TriggerAnswer>>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        triggers
            .MapPost("/", CreateAsync)
            .WithSummary("Create a schedule or a webhook")
            .WithDescription(
                "The response for a webhook contains its address and its secret; the secret is returned only this once. A "
                    + "schedule is a cron expression with five fields in an IANA time zone. misfire is skip, once or all; overlap is "
                    + "allow, skip or queue."
            )
            .Accepts<TriggerBody>("application/json")
            .Produces<TriggerAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        triggers
            .MapGet("/{id}", GetAsync)
            .WithSummary("Read a trigger")
            .Produces<TriggerAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        triggers
            .MapPut("/{id}", UpdateAsync)
            .WithSummary("Replace a trigger's settings. Its type and secret stay")
            .Accepts<TriggerBody>("application/json")
            .Produces<TriggerAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        triggers
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete a trigger. Its runs stay")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        TriggerService triggers,
        string workflowId,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            (await triggers.ListAsync(http.Actor(), workflowId, cancellationToken)).Map(list => new Page<TriggerAnswer>(
                [.. list.Select(trigger => TriggerAnswer.From(trigger, null, http))],
                null
            ))
        );

    private static async Task<IResult> GetAsync(
        HttpContext http,
        TriggerService triggers,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    ) =>
        Answer(
            http,
            (await triggers.FindAsync(http.Actor(), workflowId, id, cancellationToken)).Map(trigger => new TriggerWithSecret(trigger, null))
        );

    private static async Task<IResult> CreateAsync(
        HttpContext http,
        TriggerService triggers,
        string workflowId,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<TriggerBody>(http, cancellationToken);
        return body.IsOk
            ? Answer(http, await triggers.CreateAsync(http.Actor(), workflowId, body.Value.ToContent(), cancellationToken), created: true)
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        TriggerService triggers,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<TriggerBody>(http, cancellationToken);
        var revision = ETags.IfMatch(http);
        return !body.IsOk ? ApiResults.From(body.Problem)
            : !revision.IsOk ? ApiResults.From(revision.Problem)
            : Answer(
                http,
                await triggers.UpdateAsync(http.Actor(), workflowId, id, body.Value.ToContent(), revision.Value, cancellationToken)
            );
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        TriggerService triggers,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    )
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? ApiResults.From(
                await triggers.DeleteAsync(http.Actor(), workflowId, id, revision.Value, cancellationToken),
                _ => Results.NoContent()
            )
            : ApiResults.From(revision.Problem);
    }

    private static IResult Answer(HttpContext http, Result<TriggerWithSecret> result, bool created = false) =>
        ApiResults.From(
            result,
            value =>
            {
                ETags.Set(http, value.Trigger.Revision);
                var answer = TriggerAnswer.From(value.Trigger, value.Secret, http);
                return created
                    ? Results.Created($"/api/v1/workflows/{value.Trigger.WorkflowId}/triggers/{value.Trigger.Id}", answer)
                    : Results.Ok(answer);
            }
        );
}
