using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>The inputs that a trigger has to give: those of the published version, or of the draft if there is none.</summary>
internal static class TriggerInputs
{
    /// <returns>Null without such a workflow.</returns>
    public static async Task<IReadOnlyList<WorkflowInput>?> FindAsync(
        PromptPilotDbContext db,
        string workflowId,
        CancellationToken cancellationToken
    )
    {
        var found = await db
            .Workflows.AsNoTracking()
            .Where(w => w.Id == workflowId)
            .Select(w => new
            {
                w.Inputs,
                Published = db.WorkflowVersions.Where(v => v.Id == w.PublishedVersionId).Select(v => v.Definition).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return found?.Published?.Inputs ?? found?.Inputs;
    }
}
