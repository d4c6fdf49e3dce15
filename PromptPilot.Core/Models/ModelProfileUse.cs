using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Models;

/// <summary>Which workflows use a profile, in their draft or their published version.</summary>
internal static class ModelProfileUse
{
    /// <summary>Profile id → names of the workflows that use it.</summary>
    public static async Task<IReadOnlyDictionary<string, SortedSet<string>>> FindAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var use = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        void Add(string profileId, string workflow)
        {
            if (!use.TryGetValue(profileId, out var names))
            {
                use[profileId] = names = new SortedSet<string>(StringComparer.Ordinal);
            }

            names.Add(workflow);
        }

        var drafts = await db.WorkflowSteps
            .Join(db.Workflows, s => s.WorkflowId, w => w.Id, (s, w) => new { s.Model, w.Id, w.Name })
            .Distinct().ToListAsync(cancellationToken);
        drafts.ForEach(d => Add(d.Model, Label(d.Name, d.Id)));

        // Definitions are stored whole, so their steps are read here.
        var published = await db.Workflows.AsNoTracking()
            .Where(w => w.Status == WorkflowStatus.Published)
            .Join(db.WorkflowVersions, w => w.PublishedVersionId, v => v.Id, (w, v) => new { w.Id, w.Name, v.Definition })
            .ToListAsync(cancellationToken);
        foreach (var workflow in published)
        {
            foreach (var step in workflow.Definition.Steps)
            {
                Add(step.Model, Label(workflow.Name, workflow.Id));
            }
        }

        return use;
    }

    /// <summary>Two workflows may have one name; they count as two.</summary>
    private static string Label(string name, string id) => $"{name}\0{id}";

    public static string NameOf(string label) => label[..label.IndexOf('\0', StringComparison.Ordinal)];
}
