using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>Puts what was planned into the context, to be saved in one transaction.</summary>
internal static class ImportWriter
{
    private const string Message = "Imported";

    /// <returns>The problem, or null. On a problem the caller must roll back.</returns>
    public static async Task<Problem?> WriteAsync(
        PromptPilotDbContext db,
        PlannedImport plan,
        Principal who,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var changed = plan.Prompts.Where(prompt => prompt.Saved is not null).Select(prompt => prompt.Id).ToList();
        var numbers = new Dictionary<string, int>();
        foreach (var chunk in changed.Chunk(500))
        {
            foreach (
                var last in await db
                    .PromptVersions.Where(version => chunk.Contains(version.PromptId))
                    .GroupBy(version => version.PromptId)
                    .Select(versions => new { versions.Key, Number = versions.Max(version => version.Number) })
                    .ToListAsync(cancellationToken)
            )
            {
                numbers[last.Key] = last.Number;
            }
        }

        var labeled = new List<(string PromptId, string Label, string VersionId)>();
        foreach (var prompt in plan.Prompts)
        {
            labeled.AddRange(Write(db, prompt, numbers.GetValueOrDefault(prompt.Id) + 1, who, now));
        }

        // Labels and steps refer to the rows above by ids alone, so those are written first.
        await db.SaveChangesAsync(cancellationToken);
        foreach (var (promptId, label, versionId) in labeled)
        {
            var moved = await LabelWriter.MoveAsync(db, promptId, label, versionId, who.UserId, now, null, cancellationToken);
            if (!moved.IsOk)
            {
                return moved.Problem;
            }
        }

        foreach (var workflow in plan.Workflows)
        {
            Write(db, workflow, who, now);
        }

        foreach (var set in plan.TestSets)
        {
            await TestSetWriter.WriteAsync(db, set, who, now, cancellationToken);
        }

        return null;
    }

    /// <returns>The new labels, each with its version.</returns>
    private static List<(string PromptId, string Label, string VersionId)> Write(
        PromptPilotDbContext db,
        PlannedPrompt planned,
        int number,
        Principal who,
        DateTime now
    )
    {
        var labels = new List<(string, string, string)>();
        var prompt = planned.Saved;
        if (prompt is null)
        {
            prompt = new Prompt
            {
                Id = planned.Id,
                Name = planned.Document.Draft.Name,
                NormalizedName = "",
                Content = planned.Document.Draft.Content,
                CreatedBy = who.UserId,
                CreatedAt = now,
            };
            db.Prompts.Add(prompt);
            foreach (var earlier in planned.Document.Earlier)
            {
                PromptWriter.Apply(earlier.Draft, prompt, now);
                PromptWriter.AddVersion(db, prompt, number++, earlier.Version, Message, who);
                labels.AddRange(earlier.Labels.Select(label => (prompt.Id, label, prompt.LatestVersionId)));
            }
        }
        else
        {
            prompt.Revision++;
        }

        if (planned.VersionId is not null)
        {
            PromptWriter.Apply(planned.Document.Draft, prompt, now);
            PromptWriter.AddVersion(db, prompt, number, planned.Version, Message, who, planned.VersionId);
        }

        labels.AddRange(planned.NewLabels.Select(label => (prompt.Id, label, prompt.LatestVersionId)));
        return labels;
    }

    private static void Write(PromptPilotDbContext db, PlannedWorkflow planned, Principal who, DateTime now)
    {
        var workflow = planned.Saved;
        if (workflow is null)
        {
            workflow = new Workflow
            {
                Id = planned.Id,
                Name = planned.Content.Name,
                Owner = who.UserId,
                CreatedAt = now,
                UpdatedAt = now,
                UpdatedBy = who.UserId,
            };
            db.Workflows.Add(workflow);
            WorkflowChanges.Apply(db, workflow, planned.Content);
            db.Triggers.Add(
                new Trigger
                {
                    WorkflowId = workflow.Id,
                    Type = TriggerType.Manual,
                    CreatedAt = now,
                }
            );
            foreach (var trigger in planned.Triggers)
            {
                db.Triggers.Add(
                    new Trigger
                    {
                        WorkflowId = workflow.Id,
                        Type = trigger.Type,
                        Enabled = false,
                        Inputs = new(trigger.Inputs),
                        CreatedAt = now,
                    }
                );
            }

            return;
        }

        WorkflowChanges.Apply(db, workflow, planned.Content);
        workflow.HasUnpublishedChanges |= workflow.Status == WorkflowStatus.Published && WorkflowChanges.ChangesWhatRuns(db, workflow);
        workflow.Revision++;
        (workflow.UpdatedAt, workflow.UpdatedBy) = (now, who.UserId);
    }
}
