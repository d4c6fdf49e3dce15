using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Prompts.Uses;

/// <summary>A step that uses a prompt.</summary>
/// <param name="IsPublished">True for a published version, false for a draft.</param>
/// <param name="IsCurrent">True for a draft or the currently published version, false for older ones.</param>
/// <param name="VersionId">The pinned version of a published step; null when a label decides.</param>
/// <param name="ExactVersion">The semantic version that a draft's step names.</param>
/// <param name="Mapped">Variables that it maps.</param>
/// <param name="Triggers">Enabled ones of its workflow.</param>
internal sealed record PromptStep(
    string WorkflowId,
    string WorkflowName,
    bool IsPublished,
    bool IsCurrent,
    bool IsArchived,
    string OutputKey,
    string? Label,
    string? VersionId,
    string? ExactVersion,
    IReadOnlyCollection<string> Mapped,
    IReadOnlyList<TriggerType> Triggers
);

/// <summary>Finds the steps that use a prompt: in drafts, and inside the frozen definitions of published versions.</summary>
internal static class PromptSteps
{
    public static async Task<List<PromptStep>> LoadAsync(PromptPilotDbContext db, string promptId, CancellationToken cancellationToken)
    {
        var drafts = await db.WorkflowSteps.AsNoTracking().Where(s => s.PromptId == promptId).ToListAsync(cancellationToken);
        var pattern = $"%{promptId}%";
        var versionIds = await db
            .Database.SqlQuery<string>($"""SELECT "Id" AS "Value" FROM "WorkflowVersions" WHERE "Definition" LIKE {pattern}""")
            .ToListAsync(cancellationToken);
        var versions = await db.WorkflowVersions.AsNoTracking().Where(v => versionIds.Contains(v.Id)).ToListAsync(cancellationToken);
        var workflowIds = drafts.Select(s => s.WorkflowId).Concat(versions.Select(v => v.WorkflowId)).Distinct().ToList();
        var workflows = await db
            .Workflows.Where(w => workflowIds.Contains(w.Id))
            .Select(w => new
            {
                w.Id,
                w.Name,
                w.Status,
                w.PublishedVersionId,
            })
            .ToDictionaryAsync(w => w.Id, cancellationToken);
        var triggers = (
            await db
                .Triggers.Where(t => workflowIds.Contains(t.WorkflowId) && t.Enabled)
                .Select(t => new { t.WorkflowId, t.Type })
                .ToListAsync(cancellationToken)
        ).ToLookup(t => t.WorkflowId, t => t.Type);
        IReadOnlyList<TriggerType> TriggersOf(string workflowId) => [.. triggers[workflowId].Distinct().Order()];
        var ofDrafts = drafts.Select(s => new PromptStep(
            s.WorkflowId,
            workflows[s.WorkflowId].Name,
            false,
            true,
            workflows[s.WorkflowId].Status == WorkflowStatus.Archived,
            s.OutputKey,
            s.PromptLabel,
            null,
            s.PromptVersion,
            [.. s.InputMapping.Keys],
            TriggersOf(s.WorkflowId)
        ));
        var ofVersions = versions.SelectMany(v =>
            v.Definition.Steps.Where(s => s.PromptId == promptId)
                .Select(s => new PromptStep(
                    v.WorkflowId,
                    workflows[v.WorkflowId].Name,
                    true,
                    workflows[v.WorkflowId].PublishedVersionId == v.Id,
                    workflows[v.WorkflowId].Status == WorkflowStatus.Archived,
                    s.OutputKey,
                    s.PromptLabel,
                    s.PromptVersionId,
                    null,
                    [.. s.InputMapping.Keys.Union(s.FixedValues?.Keys ?? [])],
                    TriggersOf(v.WorkflowId)
                ))
        );
        return [.. ofDrafts, .. ofVersions];
    }
}
