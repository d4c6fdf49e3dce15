using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Core.Exchange;

/// <summary>
/// Writes prompts, workflows and test sets as files, in an order and under names that depend on nothing but their content.
/// </summary>
internal static class Exporter
{
    private const int AtOnce = 500;

    /// <param name="selection">Workflows bring the prompts of their drafts along.</param>
    public static async Task<List<(string Path, string Text)>> WriteAsync(
        PromptPilotDbContext db,
        ExportSelection selection,
        CancellationToken cancellationToken
    )
    {
        var sets = await TestSetsAsync(db, selection, cancellationToken);
        var workflows = await WorkflowsAsync(db, selection, sets, cancellationToken);
        var used = workflows
            .SelectMany(workflow => workflow.Steps.Select(step => step.PromptId))
            .Concat(selection.AsFile ? [] : sets.SelectMany(PromptsOf));
        var prompts = selection.IsAll
            ? await db.Prompts.AsNoTracking().ToListAsync(cancellationToken)
            : await WithPartsAsync(db, [.. selection.PromptIds.Union(used)], cancellationToken);
        var labels = (
            await db.PromptLabels.AsNoTracking().Select(label => new { label.PromptId, label.Name }).ToListAsync(cancellationToken)
        ).ToLookup(label => label.PromptId, label => label.Name);
        var names = new FileNames();
        var files = new List<(string Path, string Text)>();
        foreach (var prompt in prompts.OrderBy(prompt => prompt.NormalizedName, StringComparer.Ordinal))
        {
            files.Add(
                (
                    $"prompts/{names.Next(prompt.Name)}.md",
                    PromptFile.Write(new PromptDocument(PromptDraft.Of(prompt), prompt.Version, [.. labels[prompt.Id]]))
                )
            );
        }

        names = new FileNames();
        foreach (
            var workflow in workflows
                .OrderBy(workflow => workflow.Name.ToUpperInvariant(), StringComparer.Ordinal)
                .ThenBy(workflow => workflow.Id, StringComparer.Ordinal)
        )
        {
            var content = WorkflowChanges.ContentOf(workflow);
            var facts = await WorkflowFacts.LoadAsync(db, content.Steps, cancellationToken);
            var triggers = workflow
                .Triggers.Where(trigger => trigger.Type != TriggerType.Manual)
                .OrderBy(trigger => trigger.CreatedAt)
                .ThenBy(trigger => trigger.Id, StringComparer.Ordinal)
                .Select(trigger => new TriggerDocument(trigger.Type, trigger.Inputs))
                .ToList();
            files.Add(
                ($"workflows/{names.Next(workflow.Name)}.yaml", WorkflowFile.Write(WorkflowPlanner.WithNames(content, facts, triggers)))
            );
        }

        names = new FileNames();
        var documents = new List<TestSetDocument>();
        foreach (var set in sets)
        {
            var cases = await db
                .TestCases.AsNoTracking()
                .Where(test => test.TestSetId == set.Id)
                .OrderBy(test => test.Number)
                .ToListAsync(cancellationToken);
            documents.Add(await TestSetNames.DocumentAsync(db, set, cases, cancellationToken));
        }

        foreach (
            var document in documents
                .OrderBy(document => document.Owner.ToUpperInvariant(), StringComparer.Ordinal)
                .ThenBy(document => document.Workflow is not null)
                .ThenBy(document => document.Name.ToUpperInvariant(), StringComparer.Ordinal)
        )
        {
            files.Add(($"test-sets/{names.Next($"{document.Owner} {document.Name}")}.yaml", TestSetFile.Write(document)));
        }

        return files;
    }

    /// <summary>The chosen sets, and those of chosen prompts and workflows, unless one item is wanted as its file.</summary>
    private static async Task<List<TestSet>> TestSetsAsync(
        PromptPilotDbContext db,
        ExportSelection selection,
        CancellationToken cancellationToken
    )
    {
        var found = new List<TestSet>();
        var sets = db.TestSets.AsNoTracking();
        if (selection.IsAll)
        {
            return await sets.ToListAsync(cancellationToken);
        }

        foreach (var chunk in selection.TestSetIds.Chunk(AtOnce))
        {
            found.AddRange(await sets.Where(set => chunk.Contains(set.Id)).ToListAsync(cancellationToken));
        }

        foreach (var chunk in selection.AsFile ? [] : selection.PromptIds.Chunk(AtOnce))
        {
            found.AddRange(await sets.Where(set => chunk.Contains(set.PromptId!)).ToListAsync(cancellationToken));
        }

        foreach (var chunk in selection.AsFile ? [] : selection.WorkflowIds.Chunk(AtOnce))
        {
            found.AddRange(await sets.Where(set => chunk.Contains(set.WorkflowId!)).ToListAsync(cancellationToken));
        }

        return [.. found.DistinctBy(set => set.Id)];
    }

    private static IEnumerable<string> PromptsOf(TestSet set) =>
        set.Checks.Select(check => check.JudgePromptId).Prepend(set.PromptId).OfType<string>();

    private static async Task<List<Workflow>> WorkflowsAsync(
        PromptPilotDbContext db,
        ExportSelection selection,
        List<TestSet> sets,
        CancellationToken cancellationToken
    )
    {
        List<string> ids = [.. selection.WorkflowIds.Union(selection.AsFile ? [] : sets.Select(set => set.WorkflowId).OfType<string>())];
        return !selection.IsAll && ids.Count == 0
            ? []
            : await db
                .Workflows.AsNoTracking()
                .AsSplitQuery()
                .Include(workflow => workflow.Steps.OrderBy(step => step.Order))
                .Include(workflow => workflow.Triggers)
                .Where(workflow => selection.IsAll || ids.Contains(workflow.Id))
                .ToListAsync(cancellationToken);
    }

    /// <summary>Prompts with the parts they include, so that the files can be imported elsewhere.</summary>
    private static async Task<List<Prompt>> WithPartsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, Prompt>(StringComparer.Ordinal);
        while (ids.Count > 0)
        {
            foreach (var prompt in await PromptsAsync(db, ids, cancellationToken))
            {
                found[prompt.Id] = prompt;
            }

            ids =
            [
                .. found
                    .Values.SelectMany(prompt => prompt.Parts)
                    .Select(part => part.PromptId)
                    .Where(id => !found.ContainsKey(id))
                    .Distinct(),
            ];
            if (ids.Count > 0 && !await db.Prompts.AnyAsync(prompt => ids.Contains(prompt.Id), cancellationToken))
            {
                break;
            }
        }

        return [.. found.Values];
    }

    private static async Task<List<Prompt>> PromptsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        var prompts = new List<Prompt>();
        foreach (var chunk in ids.Chunk(AtOnce))
        {
            prompts.AddRange(await db.Prompts.AsNoTracking().Where(prompt => chunk.Contains(prompt.Id)).ToListAsync(cancellationToken));
        }

        return prompts;
    }
}
