using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>Decides what becomes of the workflows of an import: their prompts may be here, or come with the import.</summary>
/// <param name="author">The person who imports.</param>
internal sealed class WorkflowPlanner(PromptPilotDbContext db, IReadOnlyList<PlannedPrompt> coming, ImportModels models, Role author)
{
    private readonly Dictionary<string, PlannedPrompt> _coming = coming.ToDictionary(prompt =>
        prompt.Document.Draft.Name.ToUpperInvariant()
    );

    public async Task<(List<ImportItem> Items, List<PlannedWorkflow> Planned)> PlanAsync(
        IReadOnlyList<ParsedFile> files,
        CancellationToken cancellationToken
    )
    {
        var items = new List<ImportItem>();
        var planned = new List<PlannedWorkflow>();
        var wanted = files.Where(file => file.Kind == ImportKind.Workflow).ToList();
        if (wanted.Count == 0)
        {
            return (items, planned);
        }

        var there = (await db.Workflows.Select(workflow => new { workflow.Id, workflow.Name }).ToListAsync(cancellationToken)).ToLookup(
            workflow => workflow.Name.ToUpperInvariant(),
            workflow => workflow.Id
        );
        foreach (var file in wanted)
        {
            var (item, plan) = file.IsSound
                ? await PlanAsync(file, [.. there[file.Name!.ToUpperInvariant()]], cancellationToken)
                : (Refused(file, file.Reasons), null);
            items.Add(item);
            if (plan is not null)
            {
                planned.Add(plan);
            }
        }

        return (items, planned);
    }

    private async Task<(ImportItem Item, PlannedWorkflow? Plan)> PlanAsync(
        ParsedFile file,
        IReadOnlyList<string> there,
        CancellationToken cancellationToken
    )
    {
        var document = file.Workflow!;
        if (there.Count > 1)
        {
            return (Refused(file, [$"{there.Count} workflows are named “{file.Name}”. Rename them so that only one has this name."]), null);
        }

        var saved =
            there.Count == 0
                ? null
                : await db
                    .Workflows.Include(workflow => workflow.Steps.OrderBy(step => step.Order))
                    .SingleAsync(workflow => workflow.Id == there[0], cancellationToken);
        if (saved?.Status == WorkflowStatus.Archived)
        {
            return (Refused(file, ["The workflow with this name is archived. Unarchive it first."]), null);
        }

        var reasons = new List<string>();
        var content = await WithIdsAsync(document.Content, saved, reasons, cancellationToken);
        var facts = await FactsAsync(content, cancellationToken) with
        {
            Author = author,
            Kept = saved?.Steps.SelectMany(step => StepArms.ModelsOf(step.Model, step.Options)).ToHashSet() ?? [],
        };
        var problems = reasons.Count > 0 ? [] : WorkflowProblems.Find(content, facts);
        reasons.AddRange(problems.Where(problem => problem.BlocksSaving).Select(Words));
        if (reasons.Count > 0)
        {
            return (Refused(file, reasons), null);
        }

        var after = WorkflowFile.Write(WithNames(content, facts, document.Triggers));
        var before = saved is null ? null : await ExistingAsync(saved, cancellationToken);
        if (saved is not null && before == WorkflowFile.Write(WithNames(content, facts, [])))
        {
            return (new ImportItem(file.Path, ImportKind.Workflow, saved.Name, ImportAction.Same, null, saved.Id), null);
        }

        var plan = new PlannedWorkflow(saved?.Id ?? Ids.New(), content, saved, document.Triggers);
        return (
            new ImportItem(
                file.Path,
                ImportKind.Workflow,
                content.Name,
                saved is null ? ImportAction.Create : ImportAction.Change,
                null,
                plan.Id
            )
            {
                Before = before,
                After = saved is null ? after : WorkflowFile.Write(WithNames(content, facts, [])),
                Notes = Notes(saved, document, problems),
            },
            plan
        );
    }

    private static List<string> Notes(Workflow? saved, WorkflowDocument document, IReadOnlyList<WorkflowProblem> problems)
    {
        var notes = problems
            .Where(problem => !problem.BlocksSaving)
            .Select(problem => $"Resolve before publishing: {Words(problem)}")
            .ToList();
        notes.Add(
            saved?.Status == WorkflowStatus.Published
                ? "Replaces the draft. The published version stays until you publish."
                : "Imported as a draft. Publish it to run it."
        );
        if (document.Triggers.Count > 0)
        {
            notes.Add(saved is null ? "Triggers are imported disabled and without secrets." : "Existing triggers do not change.");
        }

        return notes;
    }

    /// <summary>Replaces names by ids. A step with an existing key keeps its id, so that its logs stay together.</summary>
    private async Task<WorkflowContent> WithIdsAsync(
        WorkflowContent content,
        Workflow? saved,
        List<string> reasons,
        CancellationToken cancellationToken
    )
    {
        var names = content.Steps.Select(step => step.PromptId.ToUpperInvariant()).Distinct().ToList();
        var prompts = await db
            .Prompts.Where(prompt => names.Contains(prompt.NormalizedName))
            .ToDictionaryAsync(prompt => prompt.NormalizedName, prompt => prompt.Id, cancellationToken);
        var kept = saved?.Steps.ToDictionary(step => step.OutputKey, step => step.Id) ?? [];
        var steps = new List<StepContent>();
        for (var i = 0; i < content.Steps.Count; i++)
        {
            var step = content.Steps[i];
            var promptName = step.PromptId.Trim().ToUpperInvariant();
            var promptId = _coming.TryGetValue(promptName, out var comes) ? comes.Id : prompts.GetValueOrDefault(promptName);
            if (promptId is null)
            {
                reasons.Add(
                    step.PromptId.Length == 0
                        ? $"Step {i + 1} has no prompt."
                        : $"Step {i + 1}: there is no prompt “{YamlReader.Short(step.PromptId)}” here or in this import. Import it too."
                );
            }

            steps.Add(
                step with
                {
                    Id = kept.Remove(step.OutputKey, out var id) ? id : null,
                    PromptId = promptId ?? "",
                    Model = ModelId(step.Model, content.Name, i, reasons),
                    Options = step.Options with
                    {
                        Arms = StepArms.WithModels(step.Options.Arms, name => ModelId(name, content.Name, i, reasons)),
                        Fallbacks = StepFallbacks.WithModels(step.Options.Fallbacks, name => ModelId(name, content.Name, i, reasons)),
                    },
                }
            );
        }

        return content with
        {
            Steps = steps,
        };
    }

    private string ModelId(string name, string workflow, int position, List<string> reasons)
    {
        if (name.Length == 0)
        {
            reasons.Add($"Step {position + 1} has no model profile.");
            return "";
        }

        if (models.Find(name, workflow) is not { } id)
        {
            reasons.Add($"Step {position + 1}: there is no model profile “{YamlReader.Short(name)}”. Choose one of yours instead.");
            return "";
        }

        return id;
    }

    /// <summary>Facts from the database, including the prompts of this import.</summary>
    private async Task<WorkflowFacts> FactsAsync(WorkflowContent content, CancellationToken cancellationToken)
    {
        var facts = await WorkflowFacts.LoadAsync(db, content.Steps, cancellationToken);
        var prompts = new Dictionary<string, PromptFacts>(facts.Prompts);
        var versions = new Dictionary<string, PromptVersionFacts>(facts.Versions);
        foreach (var prompt in _coming.Values.Where(prompt => content.Steps.Any(step => step.PromptId == prompt.Id)))
        {
            var before = prompts.GetValueOrDefault(prompt.Id);
            var versionId = prompt.VersionId ?? before!.LatestVersionId;
            var draft = prompt.Document.Draft;
            versions[versionId] = new PromptVersionFacts(
                versionId,
                prompt.Version,
                PromptSource.Of(draft).Variables(),
                draft.VariableDefinitions
            );
            prompts[prompt.Id] = new PromptFacts(
                prompt.Id,
                draft.Name,
                versionId,
                new Dictionary<string, string>(before?.VersionIds ?? new Dictionary<string, string>()) { [prompt.Version] = versionId },
                new Dictionary<string, string>(
                    (before?.Labels ?? new Dictionary<string, string>()).Concat(
                        prompt.NewLabels.Select(label => KeyValuePair.Create(label, versionId))
                    )
                )
            );
        }

        return new WorkflowFacts(prompts, versions, facts.Models);
    }

    private async Task<string> ExistingAsync(Workflow saved, CancellationToken cancellationToken)
    {
        var content = WorkflowChanges.ContentOf(saved);
        return WorkflowFile.Write(WithNames(content, await FactsAsync(content, cancellationToken), []));
    }

    internal static WorkflowDocument WithNames(WorkflowContent content, WorkflowFacts facts, IReadOnlyList<TriggerDocument> triggers) =>
        new(
            content with
            {
                Steps =
                [
                    .. content.Steps.Select(step =>
                        step with
                        {
                            PromptId = facts.Prompts[step.PromptId].Name,
                            Model = facts.Models[step.Model].Name,
                            Options = step.Options with
                            {
                                Arms = StepArms.WithModels(step.Options.Arms, id => facts.Models.GetValueOrDefault(id)?.Name ?? id),
                                Fallbacks = StepFallbacks.WithModels(
                                    step.Options.Fallbacks,
                                    id => facts.Models.GetValueOrDefault(id)?.Name ?? id
                                ),
                            },
                        }
                    ),
                ],
            },
            triggers
        );

    private static ImportItem Refused(ParsedFile file, IReadOnlyList<string> reasons) =>
        new(file.Path, ImportKind.Workflow, file.Name, ImportAction.Refuse) { Reasons = [.. reasons.Take(20)] };

    private static string Words(WorkflowProblem problem) =>
        problem.Field is "name" ? problem.Message : $"{problem.Field}: {problem.Message}";
}
