using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>A webhook trigger as a request needs it.</summary>
/// <param name="Secrets">In clear: the current one first, then the one before it.</param>
/// <param name="PreviousUntil">The time until which the previous secret is valid.</param>
internal sealed record WebhookTarget(
    Trigger Trigger,
    string OwnerId,
    IReadOnlyList<WorkflowInput> Inputs,
    IReadOnlyList<string> Secrets,
    DateTime? PreviousUntil
)
{
    public WebhookSettings Settings => Trigger.Webhook!;

    /// <summary>The secrets that count now.</summary>
    public IReadOnlyList<string> ValidSecrets(DateTime now) => Secrets.Count > 1 && !(PreviousUntil > now) ? [Secrets[0]] : Secrets;
}

/// <summary>Webhook triggers by id, kept until the next commit of EF.</summary>
public sealed class WebhookTargets
{
    private readonly CommittedCache<WebhookTarget> _targets;

    public WebhookTargets(
        IDbContextFactory<PromptPilotDbContext> contexts,
        DataVersion version,
        WorkflowVersions workflowVersions,
        TriggerSecrets secrets
    ) =>
        _targets = new CommittedCache<WebhookTarget>(
            version,
            async (id, cancellationToken) =>
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                var found = await (
                    from trigger in db.Triggers.AsNoTracking()
                    where trigger.Id == id && trigger.Type == TriggerType.Webhook
                    join workflow in db.Workflows on trigger.WorkflowId equals workflow.Id
                    select new
                    {
                        trigger,
                        workflow.Owner,
                        workflow.PublishedVersionId,
                    }
                ).SingleOrDefaultAsync(cancellationToken);
                if (found?.trigger.Webhook is not { } settings)
                {
                    return null;
                }

                var version = found.PublishedVersionId is { } versionId
                    ? await workflowVersions.FindAsync(versionId, cancellationToken)
                    : null;
                return new WebhookTarget(
                    found.trigger,
                    found.Owner ?? "",
                    version?.Definition.Inputs ?? [],
                    secrets.Decrypt(settings),
                    settings.PreviousSecretUntil
                );
            }
        );

    /// <returns>Null if there is no webhook trigger with this id.</returns>
    internal ValueTask<WebhookTarget?> FindAsync(string triggerId, CancellationToken cancellationToken) =>
        _targets.FindAsync(triggerId, cancellationToken);
}
