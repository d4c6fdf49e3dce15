using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Integrations;

/// <summary>Workflow data that hooks need.</summary>
internal static class HookWorkflows
{
    public static Task<string?> NameAsync(PromptPilotDbContext db, string workflowId, CancellationToken cancellationToken) =>
        db.Workflows.Where(workflow => workflow.Id == workflowId).Select(workflow => workflow.Name).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The output keys of the draft and of the published version, in the order of the steps.</summary>
    public static async Task<List<string>> KeysAsync(PromptPilotDbContext db, string workflowId, CancellationToken cancellationToken)
    {
        var drafted = await db
            .WorkflowSteps.Where(step => step.WorkflowId == workflowId)
            .OrderBy(step => step.Order)
            .Select(step => step.OutputKey)
            .ToListAsync(cancellationToken);
        var publishedId = await db
            .Workflows.Where(workflow => workflow.Id == workflowId)
            .Select(workflow => workflow.PublishedVersionId)
            .SingleOrDefaultAsync(cancellationToken);
        var published = publishedId is null
            ? null
            : await db.WorkflowVersions.AsNoTracking().SingleOrDefaultAsync(version => version.Id == publishedId, cancellationToken);
        return [.. drafted.Union(published?.Definition.Steps.OrderBy(step => step.Order).Select(step => step.OutputKey) ?? [])];
    }

    /// <summary>A name for a hook that got none.</summary>
    public static string NameFor(HookType type, string address) =>
        type switch
        {
            HookType.Webhook => $"Webhook to {new Uri(address).Host}",
            HookType.Slack => "Slack",
            HookType.Email => $"E-mail to {address[HookRules.MailTo.Length..]}",
        };
}
