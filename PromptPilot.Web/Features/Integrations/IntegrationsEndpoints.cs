using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class IntegrationsEndpoints
{
    public static IEndpointRouteBuilder MapIntegrations(this IEndpointRouteBuilder api)
    {
        var hooks = api.MapGroup("/workflows/{workflowId}/integration-hooks").WithTags("Integration hooks");
        hooks
            .MapGet("/", ListAsync)
            .WithSummary("List a workflow's hooks")
            .Produces<Page<HookAnswer>>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        hooks
            .MapPost("/", CreateAsync)
            .WithSummary("Create a hook")
            .WithDescription(
                "type is webhook (signed with Standard Webhooks and authToken, which is generated and returned once if "
                    + "omitted), slack (targetUrl is an incoming webhook, shown only in part afterwards) or email (mailto:…). on is "
                    + "any of succeeded, failed, waiting. Omit outputs to send all. body is a webhook's custom body: JSON as a Liquid "
                    + "template. Addresses in private networks are refused unless an admin has allowed them."
            )
            .Accepts<HookBody>("application/json")
            .Produces<HookAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        hooks
            .MapGet("/{id}", GetAsync)
            .WithSummary("Read a hook; its secret is never shown")
            .Produces<HookAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        hooks
            .MapPut("/{id}", UpdateAsync)
            .WithSummary("Replace a hook's settings. Its secret stays unless you send one, and is required when the address changes")
            .Accepts<HookBody>("application/json")
            .Produces<HookAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        hooks
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete a hook with its deliveries")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        hooks
            .MapPost("/{id}/test", TestAsync)
            .WithSummary("Send a test once. A failure is reported in the response")
            .Produces<AttemptAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        hooks
            .MapGet("/{id}/deliveries", DeliveriesAsync)
            .WithSummary("List a hook's deliveries, newest first")
            .Produces<Page<DeliveryAnswer>>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        hooks
            .MapGet("/{id}/deliveries/{deliveryId}", DeliveryAsync)
            .WithSummary("Read a delivery with all attempts")
            .Produces<DeliveryDetailsAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        hooks
            .MapPost("/{id}/deliveries/{deliveryId}/resend", ResendAsync)
            .WithSummary("Resend a delivery immediately, with the same id")
            .Produces<DeliveryAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        IntegrationHookService hooks,
        string workflowId,
        CancellationToken cancellationToken
    )
    {
        // All of a workflow fit into one page.
        var page = await hooks.ListAsync(
            http.Actor(),
            new HookFilter(WorkflowId: workflowId),
            new PageRequest(Limit: PageRequest.MaxLimit),
            cancellationToken
        );
        if (!page.IsOk)
        {
            return ApiResults.From(page.Problem);
        }

        if (
            page.Value.Items.Count == 0
            && await hooks.ListOutputsAsync(http.Actor(), workflowId, cancellationToken) is { IsOk: false } missing
        )
        {
            return ApiResults.From(missing.Problem);
        }

        var answers = new List<HookAnswer>();
        foreach (var item in page.Value.Items)
        {
            if (await hooks.FindAsync(http.Actor(), item.Id, cancellationToken) is { IsOk: true } hook)
            {
                answers.Add(HookAnswer.From(hook.Value));
            }
        }

        return Results.Ok(new Page<HookAnswer>(answers, null));
    }

    private static async Task<IResult> GetAsync(
        HttpContext http,
        IntegrationHookService hooks,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    ) => Answer(http, await FindAsync(http.Actor(), hooks, workflowId, id, cancellationToken));

    private static async Task<IResult> CreateAsync(
        HttpContext http,
        IntegrationHookService hooks,
        string workflowId,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<HookBody>(http, cancellationToken);
        return body.IsOk
            ? ApiResults.From(
                await hooks.CreateAsync(http.Actor(), workflowId, body.Value.ToContent(), cancellationToken),
                made =>
                {
                    ETags.Set(http, made.Hook.Revision);
                    return Results.Created(
                        $"/api/v1/workflows/{workflowId}/integration-hooks/{made.Hook.Id}",
                        HookAnswer.From(made.Hook, made.Secret)
                    );
                }
            )
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        IntegrationHookService hooks,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    )
    {
        var found = await FindAsync(http.Actor(), hooks, workflowId, id, cancellationToken);
        var body = await ApiBody.ReadAsync<HookBody>(http, cancellationToken);
        var revision = ETags.IfMatch(http);
        return !found.IsOk ? ApiResults.From(found.Problem)
            : !body.IsOk ? ApiResults.From(body.Problem)
            : !revision.IsOk ? ApiResults.From(revision.Problem)
            : Answer(http, await hooks.UpdateAsync(http.Actor(), id, body.Value.ToContent(), revision.Value, cancellationToken));
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        IntegrationHookService hooks,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    )
    {
        var found = await FindAsync(http.Actor(), hooks, workflowId, id, cancellationToken);
        var revision = ETags.IfMatch(http);
        return !found.IsOk ? ApiResults.From(found.Problem)
            : !revision.IsOk ? ApiResults.From(revision.Problem)
            : ApiResults.From(await hooks.DeleteAsync(http.Actor(), id, revision.Value, cancellationToken), _ => Results.NoContent());
    }

    private static async Task<IResult> TestAsync(
        HttpContext http,
        IntegrationHookService hooks,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    )
    {
        var found = await FindAsync(http.Actor(), hooks, workflowId, id, cancellationToken);
        return found.IsOk
            ? ApiResults.From((await hooks.TestAsync(http.Actor(), id, cancellationToken)).Map(AttemptAnswer.From))
            : ApiResults.From(found.Problem);
    }

    private static async Task<IResult> DeliveriesAsync(
        HttpContext http,
        IntegrationHookService hooks,
        HookDeliveryService deliveries,
        string workflowId,
        string id,
        string? after,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        var found = await FindAsync(http.Actor(), hooks, workflowId, id, cancellationToken);
        return found.IsOk
            ? ApiResults.From(
                (
                    await deliveries.ListAsync(
                        http.Actor(),
                        new DeliveryFilter(HookId: id),
                        new PageRequest(after, limit ?? 50),
                        cancellationToken
                    )
                ).Map(page => new Page<DeliveryAnswer>([.. page.Items.Select(DeliveryAnswer.From)], page.Next))
            )
            : ApiResults.From(found.Problem);
    }

    private static async Task<IResult> DeliveryAsync(
        HttpContext http,
        IntegrationHookService hooks,
        HookDeliveryService deliveries,
        string workflowId,
        string id,
        string deliveryId,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            (await FindAsync(http.Actor(), hooks, deliveries, workflowId, id, deliveryId, cancellationToken)).Map(
                DeliveryDetailsAnswer.From
            )
        );

    private static async Task<IResult> ResendAsync(
        HttpContext http,
        IntegrationHookService hooks,
        HookDeliveryService deliveries,
        string workflowId,
        string id,
        string deliveryId,
        CancellationToken cancellationToken
    )
    {
        var found = await FindAsync(http.Actor(), hooks, deliveries, workflowId, id, deliveryId, cancellationToken);
        return found.IsOk
            ? ApiResults.From((await deliveries.ResendAsync(http.Actor(), deliveryId, cancellationToken)).Map(DeliveryAnswer.From))
            : ApiResults.From(found.Problem);
    }

    /// <summary>A hook under the workflow that is named in the path.</summary>
    private static async Task<Result<HookView>> FindAsync(
        Actor actor,
        IntegrationHookService hooks,
        string workflowId,
        string id,
        CancellationToken cancellationToken
    )
    {
        var found = await hooks.FindAsync(actor, id, cancellationToken);
        return found.IsOk && found.Value.WorkflowId != workflowId ? Problem.NotFound("hook") : found;
    }

    private static async Task<Result<DeliveryView>> FindAsync(
        Actor actor,
        IntegrationHookService hooks,
        HookDeliveryService deliveries,
        string workflowId,
        string id,
        string deliveryId,
        CancellationToken cancellationToken
    )
    {
        var hook = await FindAsync(actor, hooks, workflowId, id, cancellationToken);
        if (!hook.IsOk)
        {
            return hook.Problem;
        }

        var delivery = await deliveries.FindAsync(actor, deliveryId, cancellationToken);
        return delivery.IsOk && delivery.Value.Delivery.HookId != id ? Problem.NotFound("delivery") : delivery;
    }

    private static IResult Answer(HttpContext http, Result<HookView> result) =>
        ApiResults.From(
            result,
            hook =>
            {
                ETags.Set(http, hook.Revision);
                return Results.Ok(HookAnswer.From(hook));
            }
        );
}
