using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>Decides what becomes of the prompts of an import, by what the database has now.</summary>
internal static class PromptPlanner
{
    private const int AtOnce = 500;

    public static async Task<(List<ImportItem> Items, List<PlannedPrompt> Planned)> PlanAsync(
        PromptPilotDbContext db,
        IReadOnlyList<ParsedFile> files,
        CancellationToken cancellationToken
    )
    {
        var items = new List<ImportItem>();
        var planned = new List<PlannedPrompt>();
        var coming = new ComingParts(db);
        var ordered = ComingParts.InOrder([.. files.Where(file => file.Kind is ImportKind.Prompt or ImportKind.Other)]);
        foreach (var chunk in ordered.Chunk(AtOnce))
        {
            var names = chunk.Where(file => file.IsSound).Select(file => file.Name!.ToUpperInvariant()).ToList();
            var saved = await db
                .Prompts.Where(prompt => names.Contains(prompt.NormalizedName))
                .ToDictionaryAsync(prompt => prompt.NormalizedName, cancellationToken);
            var ids = saved.Values.Select(prompt => prompt.Id).ToList();
            var labels = (
                await db
                    .PromptLabels.AsNoTracking()
                    .Where(label => ids.Contains(label.PromptId))
                    .Select(label => new { label.PromptId, label.Name })
                    .ToListAsync(cancellationToken)
            ).ToLookup(label => label.PromptId, label => label.Name);
            var guarded = (
                await db
                    .Protections.AsNoTracking()
                    .Where(protection => ids.Contains(protection.PromptId!))
                    .Select(protection => new { protection.PromptId, protection.Label })
                    .ToListAsync(cancellationToken)
            ).ToLookup(protection => protection.PromptId!, protection => protection.Label!);
            foreach (var file in chunk)
            {
                var prompt = file.IsSound ? saved.GetValueOrDefault(file.Name!.ToUpperInvariant()) : null;
                var id = prompt?.Id ?? Ids.New();
                var whole = await WithPartsAsync(file, coming, id, cancellationToken);
                var savedLabels = prompt is null ? [] : labels[prompt.Id].ToList();
                var (item, plan) = Plan(WithoutProtected(whole, savedLabels, guarded[id]), prompt, savedLabels, id);
                items.Add(item);
                if (plan is not null)
                {
                    planned.Add(plan);
                    coming.Add(plan);
                }
            }
        }

        return (items, planned);
    }

    /// <summary>The file with what its prompt includes; refused when that cannot be.</summary>
    private static async Task<ParsedFile> WithPartsAsync(
        ParsedFile file,
        ComingParts coming,
        string id,
        CancellationToken cancellationToken
    )
    {
        if (!file.IsSound)
        {
            return file;
        }

        var draft = await coming.ResolveAsync(file.Prompt!.Draft, id, cancellationToken);
        var earlier = new List<PromptDocument>();
        foreach (var version in file.Prompt.Earlier)
        {
            earlier.Add(version with { Draft = await coming.ResolveAsync(version.Draft, id, cancellationToken) });
        }

        return file with
        {
            Prompt = file.Prompt with { Draft = draft, Earlier = earlier },
            Reasons = [.. draft.Parts!.Count == 0 && draft.PartErrors.Count == 0 ? [] : ImportParser.ReasonsOf(draft)],
        };
    }

    /// <summary>The file; refused if it would add a protected label.</summary>
    private static ParsedFile WithoutProtected(ParsedFile file, IReadOnlyList<string> savedLabels, IEnumerable<string> guarded) =>
        file.IsSound && file.Prompt!.Labels.Except(savedLabels).Intersect(guarded).FirstOrDefault() is { } label
            ? file with
            {
                Reasons =
                [
                    .. file.Reasons,
                    $"The label “{label}” of this prompt is protected. Remove it from the file, then request the change on "
                        + "the prompt’s page.",
                ],
            }
            : file;

    private static (ImportItem Item, PlannedPrompt? Plan) Plan(ParsedFile file, Prompt? saved, IReadOnlyList<string> savedLabels, string id)
    {
        if (!file.IsSound)
        {
            return (
                new ImportItem(file.Path, file.Kind, file.Name, file.IsIgnored ? ImportAction.Ignore : ImportAction.Refuse)
                {
                    Reasons = file.Reasons,
                },
                null
            );
        }

        var document = file.Prompt!;
        if (saved is null)
        {
            var made = new PlannedPrompt(id, document, null, document.Version, Ids.New(), document.Labels);
            return (
                new ImportItem(file.Path, ImportKind.Prompt, document.Draft.Name, ImportAction.Create, document.Version, made.Id)
                {
                    After = PromptFile.Write(document),
                },
                made
            );
        }

        var step = PromptVersioning.Decide(saved, document.Draft);
        var newLabels = document.Labels.Except(savedLabels).ToList();
        var version = step.Change == VersionChange.None ? saved.Version : step.Version;
        if (step.Change == VersionChange.None && newLabels.Count == 0)
        {
            return (new ImportItem(file.Path, ImportKind.Prompt, saved.Name, ImportAction.Same, saved.Version, saved.Id), null);
        }

        var plan = new PlannedPrompt(saved.Id, document, saved, version, step.Change == VersionChange.None ? null : Ids.New(), newLabels);
        return (
            new ImportItem(file.Path, ImportKind.Prompt, document.Draft.Name, ImportAction.Change, version, saved.Id)
            {
                Before = PromptFile.Write(new PromptDocument(PromptDraft.Of(saved), saved.Version, savedLabels)),
                After = PromptFile.Write(new PromptDocument(document.Draft, version, [.. savedLabels.Union(newLabels)])),
                Notes = Notes(step, savedLabels, newLabels, document.Earlier.Count),
            },
            plan
        );
    }

    private static List<string> Notes(VersionStep step, IReadOnlyList<string> savedLabels, List<string> newLabels, int earlier)
    {
        var notes = new List<string>();
        if (earlier > 0)
        {
            notes.Add("Earlier versions are not imported, because the prompt already exists.");
        }

        if (step.Change != VersionChange.None)
        {
            notes.Add($"{step.Version}: {step.Reason}.");
        }

        if (savedLabels.Count > 0 && step.Change != VersionChange.None)
        {
            notes.Add($"{Names(savedLabels)} in place: imports do not move labels.");
        }

        if (newLabels.Count > 0)
        {
            notes.Add($"New on this version: {string.Join(", ", newLabels.Select(label => $"“{label}”"))}.");
        }

        return notes;
    }

    private static string Names(IReadOnlyList<string> labels) =>
        labels.Count == 1 ? $"The label “{labels[0]}” stays" : $"The labels {string.Join(", ", labels.Select(label => $"“{label}”"))} stay";
}
