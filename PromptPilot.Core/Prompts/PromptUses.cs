using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Prompts;

/// <summary>A workflow that uses a prompt.</summary>
/// <param name="InDraft">A step of its draft does.</param>
/// <param name="InPublished">A published version, present or past, does.</param>
/// <param name="Labels">The labels by which steps name the prompt.</param>
public sealed record PromptUse(string WorkflowId, string WorkflowName, bool InDraft, bool InPublished, IReadOnlyList<string> Labels);

/// <summary>Where a prompt is used: in steps of drafts, and inside the frozen definitions of published versions.</summary>
internal static class PromptUses
{
    public static async Task<List<PromptUse>> FindAsync(PromptPilotDbContext db, string promptId, CancellationToken cancellationToken)
    {
        var drafts = await db.WorkflowSteps.Where(s => s.PromptId == promptId).Select(s => new { s.WorkflowId, s.PromptLabel }).ToListAsync(cancellationToken);
        var pattern = $"%{promptId}%";
        var versionIds = await db.Database
            .SqlQuery<string>($"""SELECT "Id" AS "Value" FROM "WorkflowVersions" WHERE "Definition" LIKE {pattern}""")
            .ToListAsync(cancellationToken);
        var published = (await db.WorkflowVersions.AsNoTracking().Where(v => versionIds.Contains(v.Id)).ToListAsync(cancellationToken))
            .SelectMany(v => v.Definition.Steps.Where(s => s.PromptId == promptId).Select(s => new { v.WorkflowId, s.PromptLabel }))
            .ToList();
        var workflowIds = drafts.Concat(published).Select(u => u.WorkflowId).Distinct().ToList();
        var names = await db.Workflows.Where(w => workflowIds.Contains(w.Id)).OrderBy(w => w.Name).Select(w => new { w.Id, w.Name }).ToListAsync(cancellationToken);
        return names.ConvertAll(w => new PromptUse(
            w.Id,
            w.Name,
            drafts.Any(d => d.WorkflowId == w.Id),
            published.Any(p => p.WorkflowId == w.Id),
            [.. drafts.Concat(published).Where(u => u.WorkflowId == w.Id).Select(u => u.PromptLabel).OfType<string>().Distinct()]));
    }
}
