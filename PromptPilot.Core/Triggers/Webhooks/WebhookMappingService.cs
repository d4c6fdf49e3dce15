using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>The results of expressions on a sample.</summary>
/// <param name="Inputs">The inputs that have a value, by name.</param>
public sealed record MappingTrial(IReadOnlyDictionary<string, JsonElement> Inputs, Problem? Problem);

/// <summary>Tries the expressions of a webhook on a received request, without starting a run.</summary>
public sealed class WebhookMappingService(Operations operations, WebhookTargets targets, FileMarks files)
{
    /// <summary>The newest authentic request, so that mappings are written against real data.</summary>
    /// <returns>The sample as the value of <c>trigger</c>; null if no usable request was received yet.</returns>
    public Task<Result<JsonElement?>> FindSampleAsync(Actor actor, string triggerId, CancellationToken cancellationToken) =>
        operations.ReadAsync<JsonElement?>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var newest = await db
                    .WebhookReceipts.AsNoTracking()
                    .Where(row => row.TriggerId == triggerId && row.IsAuthentic && row.IsWhole)
                    .OrderByDescending(row => row.ReceivedAt)
                    .FirstOrDefaultAsync(cancellationToken);
                if (newest is null)
                {
                    return (JsonElement?)null;
                }

                var body = await files.RestoreAsync(newest.Body, FileOwner.Receipt, newest.Id, cancellationToken);
                return ContextOf(newest, body.IsOk ? body.Value : newest.Body);
            },
            cancellationToken
        );

    /// <summary>Tries expressions on a sample, without starting a run.</summary>
    /// <param name="sample">The result of <see cref="FindSampleAsync"/>.</param>
    public Task<Result<MappingTrial>> TryMappingAsync(
        Actor actor,
        string triggerId,
        IReadOnlyDictionary<string, string> mapping,
        JsonElement sample,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<MappingTrial>(
            actor,
            Permission.Read,
            async _ =>
            {
                if (await targets.FindAsync(triggerId, cancellationToken) is not { } target)
                {
                    return Problem.NotFound("webhook trigger");
                }

                var mapped = WebhookMapping.Map(mapping, target.Trigger.Inputs, target.Inputs, sample, cancellationToken);
                return new MappingTrial(mapped.IsOk ? mapped.Value : new Dictionary<string, JsonElement>(), mapped.Problem);
            },
            cancellationToken
        );

    private static JsonElement? ContextOf(WebhookReceipt row, string body)
    {
        var payload = WebhookPayload.Read(row.ContentType, Encoding.UTF8.GetBytes(body));
        return payload.IsOk
            ? WebhookMapping.Context(new WebhookEvent(row.Id, row.ReceivedAt, payload.Value, WebhookHeaders.ForRun(row.Headers)))
            : null;
    }
}
