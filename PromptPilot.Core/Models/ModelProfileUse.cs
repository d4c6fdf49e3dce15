using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Models;

/// <summary>Which workflows use a profile, in their draft or their published version.</summary>
internal static class ModelProfileUse
{
    /// <summary>Profile id → names of the workflows that use it.</summary>
    public static async Task<IReadOnlyDictionary<string, SortedSet<string>>> FindAsync(
        PromptPilotDbContext db,
        CancellationToken cancellationToken
    )
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

        var drafts = await db
            .WorkflowSteps.Join(
                db.Workflows,
                s => s.WorkflowId,
                w => w.Id,
                (s, w) =>
                    new
                    {
                        s.Model,
                        s.Options,
                        w.Id,
                        w.Name,
                    }
            )
            .ToListAsync(cancellationToken);
        foreach (var draft in drafts)
        {
            foreach (var model in StepArms.ModelsOf(draft.Model, draft.Options))
            {
                Add(model, Label(draft.Name, draft.Id));
            }
        }

        // Definitions are stored whole, so their steps are read here.
        var published = await db
            .Workflows.AsNoTracking()
            .Where(w => w.Status == WorkflowStatus.Published)
            .Join(
                db.WorkflowVersions,
                w => w.PublishedVersionId,
                v => v.Id,
                (w, v) =>
                    new
                    {
                        w.Id,
                        w.Name,
                        v.Definition,
                    }
            )
            .ToListAsync(cancellationToken);
        foreach (var workflow in published)
        {
            foreach (var model in workflow.Definition.Steps.SelectMany(step => step.Models()))
            {
                Add(model, Label(workflow.Name, workflow.Id));
            }
        }

        return use;
    }

    /// <summary>The workflows that use one profile, by name, with their steps and schedules.</summary>
    public static async Task<List<ModelProfileUser>> ListAsync(
        PromptPilotDbContext db,
        string profileId,
        CancellationToken cancellationToken
    )
    {
        var labels = (await FindAsync(db, cancellationToken)).TryGetValue(profileId, out var found) ? found : [];
        var ids = labels.Select(label => label[(label.IndexOf('\0', StringComparison.Ordinal) + 1)..]).ToList();
        var workflows = await db
            .Workflows.AsNoTracking()
            .Where(w => ids.Contains(w.Id))
            .OrderBy(w => w.Name)
            .ThenBy(w => w.Id)
            .Select(w => new
            {
                w.Id,
                w.Name,
                Steps = w
                    .Steps.Select(s => new
                    {
                        s.OutputKey,
                        s.PromptId,
                        s.Model,
                        s.Options,
                    })
                    .ToList(),
                Schedules = w.Triggers.Count(t => t.Type == TriggerType.Scheduled && t.Enabled),
                Published = w.Status == WorkflowStatus.Published
                    ? db.WorkflowVersions.Where(v => v.Id == w.PublishedVersionId).Select(v => v.Definition).FirstOrDefault()
                    : null,
            })
            .ToListAsync(cancellationToken);
        var promptIds = workflows
            .SelectMany(w => w.Steps.Select(s => s.PromptId).Concat((w.Published?.Steps ?? []).Select(s => s.PromptId)))
            .Distinct()
            .ToList();
        var prompts = await db.Prompts.Where(p => promptIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return workflows.ConvertAll(w =>
        {
            var draft = w
                .Steps.Where(s => StepArms.ModelsOf(s.Model, s.Options).Contains(profileId))
                .Select(s => (s.OutputKey, s.PromptId))
                .ToHashSet();
            var published = (w.Published?.Steps ?? [])
                .Where(s => s.Models().Contains(profileId))
                .Select(s => (s.OutputKey, s.PromptId))
                .ToHashSet();
            var steps = draft
                .Union(published)
                .OrderBy(s => s.OutputKey, StringComparer.Ordinal)
                .Select(s => new ModelProfileStep(
                    s.OutputKey,
                    s.PromptId,
                    prompts.GetValueOrDefault(s.PromptId, "a deleted prompt"),
                    draft.Contains(s),
                    published.Contains(s)
                ));
            return new ModelProfileUser(w.Id, w.Name, [.. steps], published.Count > 0 ? w.Schedules : 0);
        });
    }

    /// <summary>E.g. “3 workflows and 2 schedules”.</summary>
    public static string Words(IReadOnlyCollection<ModelProfileUser> users)
    {
        var schedules = users.Sum(user => user.Schedules);
        return Count(users.Count, "workflow") + (schedules > 0 ? $" and {Count(schedules, "schedule")}" : "");

        static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
    }

    /// <summary>Two workflows may have one name; they count as two.</summary>
    private static string Label(string name, string id) => $"{name}\0{id}";

    public static string NameOf(string label) => label[..label.IndexOf('\0', StringComparison.Ordinal)];
}
