using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>Decides what becomes of the test sets of an import: what they test may be here, or come with the import.</summary>
internal sealed class TestSetPlanner(
    PromptPilotDbContext db,
    IReadOnlyList<PlannedPrompt> coming,
    IReadOnlyList<PlannedWorkflow> comingWorkflows,
    ImportModels models,
    string? userId
)
{
    private const int MostReasons = 20;

    private readonly Dictionary<string, PlannedPrompt> _coming = coming.ToDictionary(prompt =>
        prompt.Document.Draft.Name.ToUpperInvariant()
    );

    public async Task<(List<ImportItem> Items, List<PlannedTestSet> Planned)> PlanAsync(
        IReadOnlyList<ParsedFile> files,
        CancellationToken cancellationToken
    )
    {
        var (items, planned) = (new List<ImportItem>(), new List<PlannedTestSet>());
        foreach (var file in files.Where(file => file.Kind == ImportKind.TestSet))
        {
            var (item, plan) = file.IsSound ? await PlanAsync(file, cancellationToken) : (Refused(file, file.Reasons), null);
            items.Add(item);
            if (plan is not null)
            {
                planned.Add(plan);
            }
        }

        return (items, planned);
    }

    private async Task<(ImportItem Item, PlannedTestSet? Plan)> PlanAsync(ParsedFile file, CancellationToken cancellationToken)
    {
        var document = file.TestSet!;
        var reasons = new List<string>();
        if (document.IsTable)
        {
            document = await WithOwnerAsync(document, cancellationToken);
        }

        var owner = await OwnerAsync(document, reasons, cancellationToken);
        if (document.IsTable && owner is not null)
        {
            document = await WithTypesAsync(document, owner, reasons, cancellationToken);
        }

        var checks = new List<Check>();
        foreach (var check in document.Checks)
        {
            checks.Add(check.Kind == CheckKind.Judge ? await WithIdsAsync(check, document.Name, reasons, cancellationToken) : check);
        }

        reasons.AddRange(reasons.Count > 0 ? [] : Errors(document, checks));
        if (reasons.Count > 0)
        {
            return (Refused(file, reasons), null);
        }

        var normalized = document.Name.ToUpperInvariant();
        var saved = await db.TestSets.SingleOrDefaultAsync(
            set => set.PromptId == owner!.PromptId && set.WorkflowId == owner.WorkflowId && set.NormalizedName == normalized,
            cancellationToken
        );
        var cases = saved is null
            ? []
            : await db.TestCases.Where(test => test.TestSetId == saved.Id).OrderBy(test => test.Number).ToListAsync(cancellationToken);
        var known = saved is null ? null : await TestSetNames.DocumentAsync(db, saved, cases, cancellationToken);
        if (document.IsTable && known is not null)
        {
            document = document with { Checks = known.Checks, Output = known.Output };
            checks = saved!.Checks;
        }

        var after = TestSetFile.Write(document);
        var before = known is null ? null : TestSetFile.Write(known);
        if (before == after)
        {
            return (new ImportItem(file.Path, ImportKind.TestSet, saved!.Name, ImportAction.Same, null, saved.Id), null);
        }

        var (matched, removed) = Match(document.Cases, cases);
        var plan = new PlannedTestSet(saved?.Id ?? Ids.New(), owner!, document.Name, saved, checks, matched, removed);
        return (
            new ImportItem(
                file.Path,
                ImportKind.TestSet,
                document.Name,
                saved is null ? ImportAction.Create : ImportAction.Change,
                null,
                plan.Id
            )
            {
                Before = before,
                After = after,
                Notes =
                [
                    .. removed.Count == 0
                        ? Array.Empty<string>()
                        : [$"{(removed.Count == 1 ? "1 case is" : $"{removed.Count:N0} cases are")} not in the file and will be deleted."],
                    .. await MissingFilesAsync(document, cancellationToken),
                ],
            },
            plan
        );
    }

    /// <summary>Exports name pictures and documents, but do not contain them.</summary>
    private async Task<IReadOnlyList<string>> MissingFilesAsync(TestSetDocument document, CancellationToken cancellationToken)
    {
        var files = FileReference.In(document.Cases.SelectMany(test => test.Content.Inputs.Values));
        if (files.Count == 0)
        {
            return [];
        }

        var hashes = files.Keys.ToList();
        var here = await FileService
            .Visible(db, userId)
            .Where(file => hashes.Contains(file.Hash))
            .Select(file => file.Hash)
            .ToListAsync(cancellationToken);
        var names = files.Values.Where(file => !here.Contains(file.File)).Select(file => YamlReader.Short(file.Name)).ToList();
        return names.Count == 0
            ? []
            : [$"The import does not contain these files, and they are not stored here: {string.Join(", ", names.Take(5))}. Upload them."];
    }

    /// <summary>
    /// Cases that stay what they are, so that results of experiments stay with them: those with the same content, then those with the same
    /// name.
    /// </summary>
    private static (List<PlannedCase> Cases, List<TestCase> Removed) Match(
        IReadOnlyList<(TestCaseContent Content, CaseOrigin Origin)> coming,
        List<TestCase> saved
    )
    {
        var left = saved.ToList();
        var matched = new TestCase?[coming.Count];
        Take((content, test) => Text(content) == Text(TestSetNames.ContentOf(test)));
        Take((content, test) => content.Name.Length > 0 && content.Name == test.Name);
        return ([.. coming.Select((test, i) => new PlannedCase(test.Content, test.Origin, matched[i]))], left);

        void Take(Func<TestCaseContent, TestCase, bool> isSame)
        {
            for (var i = 0; i < coming.Count; i++)
            {
                if (matched[i] is null && left.Find(test => isSame(coming[i].Content, test)) is { } found)
                {
                    matched[i] = found;
                    left.Remove(found);
                }
            }
        }
    }

    private static string Text(TestCaseContent content) =>
        JsonSerializer.Serialize(
            new
            {
                content.Name,
                Inputs = content.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal),
                content.Expected,
                content.Tags,
            },
            AppJson.Options
        );

    /// <summary>A table names what it tests by its file name: a prompt, or else a workflow.</summary>
    private async Task<TestSetDocument> WithOwnerAsync(TestSetDocument table, CancellationToken cancellationToken)
    {
        var isWorkflow =
            await PromptIdAsync(table.Prompt, cancellationToken) is null
            && (
                comingWorkflows.Any(planned => string.Equals(planned.Content.Name, table.Prompt, StringComparison.OrdinalIgnoreCase))
                || (await db.Workflows.Select(workflow => workflow.Name).ToListAsync(cancellationToken)).Contains(
                    table.Prompt,
                    StringComparer.OrdinalIgnoreCase
                )
            );
        return isWorkflow ? table with { Prompt = "", Workflow = table.Prompt } : table;
    }

    /// <summary>The cells of a table as values of the types that the prompt or workflow has.</summary>
    private async Task<TestSetDocument> WithTypesAsync(
        TestSetDocument table,
        TestSetOwner owner,
        List<string> reasons,
        CancellationToken cancellationToken
    )
    {
        var types = await TypesAsync(owner, cancellationToken);
        var cases = new List<(TestCaseContent Content, CaseOrigin Origin)>(table.Cases.Count);
        foreach (var (content, origin) in table.Cases)
        {
            var inputs = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var (name, cell) in content.Inputs)
            {
                var (text, type) = (cell.GetString()!, types.GetValueOrDefault(name));
                if (text.Length == 0 && type is not (VariableType.Text or VariableType.Choice))
                {
                    continue;
                }

                if (CaseValues.Parse(text, type) is { } value)
                {
                    inputs[name] = value;
                }
                else
                {
                    reasons.Add($"Row {cases.Count + 1}: “{Shorten.Text(text, 40)}” in column “{name}” is not {CaseValues.Wanted(type)}.");
                }
            }

            cases.Add((content with { Inputs = inputs }, origin));
        }

        return table with
        {
            Cases = cases,
        };
    }

    private async Task<Dictionary<string, VariableType>> TypesAsync(TestSetOwner owner, CancellationToken cancellationToken)
    {
        if (owner.WorkflowId is { } workflowId)
        {
            var inputs =
                comingWorkflows.FirstOrDefault(planned => planned.Id == workflowId)?.Content.Inputs
                ?? await db.Workflows.Where(w => w.Id == workflowId).Select(w => w.Inputs).SingleAsync(cancellationToken);
            return inputs.ToDictionary(input => input.Name, input => input.Type, StringComparer.Ordinal);
        }

        var promptId = owner.PromptId;
        IReadOnlyList<VariableDefinition> definitions =
            _coming.Values.FirstOrDefault(planned => planned.Id == promptId)?.Document.Draft.VariableDefinitions
            ?? await db.Prompts.Where(p => p.Id == promptId).Select(p => p.VariableDefinitions).SingleAsync(cancellationToken);
        return definitions.ToDictionary(definition => definition.Name, definition => definition.Type, StringComparer.Ordinal);
    }

    /// <returns>Null when there is a reason against it.</returns>
    private async Task<TestSetOwner?> OwnerAsync(TestSetDocument document, List<string> reasons, CancellationToken cancellationToken)
    {
        if (document.Workflow is { } workflow)
        {
            return await WorkflowAsync(document, workflow, reasons, cancellationToken);
        }

        var promptId = await PromptIdAsync(document.Prompt, cancellationToken);
        if (promptId is null)
        {
            reasons.Add(
                document.IsTable
                    ? $"There is no prompt or workflow “{YamlReader.Short(document.Prompt)}” here or in this import. "
                        + "Name the file after the prompt or workflow that its rows test."
                : document.Prompt.Length == 0 ? "Name the prompt or workflow that it tests, in the field “prompt” or “workflow”."
                : $"There is no prompt “{YamlReader.Short(document.Prompt)}” here or in this import. Import it too."
            );
        }

        if (document.Output is not null)
        {
            reasons.Add("Only a test set of a workflow can name an output. Remove the field “output”.");
        }

        return reasons.Count > 0 ? null : new TestSetOwner(promptId, null, null);
    }

    private async Task<TestSetOwner?> WorkflowAsync(
        TestSetDocument document,
        string name,
        List<string> reasons,
        CancellationToken cancellationToken
    )
    {
        if (document.Prompt.Length > 0)
        {
            reasons.Add("A test set tests a prompt or a workflow. Remove the field “prompt” or “workflow”.");
        }

        var comes = comingWorkflows.FirstOrDefault(planned =>
            string.Equals(planned.Content.Name, name, StringComparison.OrdinalIgnoreCase)
        );
        var here = comes is null
            ? (await db.Workflows.Select(workflow => new { workflow.Id, workflow.Name }).ToListAsync(cancellationToken)).FindAll(workflow =>
                string.Equals(workflow.Name, name, StringComparison.OrdinalIgnoreCase)
            )
            : [];
        var id = comes?.Id ?? (here is [var only] ? only.Id : null);
        if (id is null)
        {
            reasons.Add(
                here.Count > 1
                    ? $"{here.Count} workflows are named “{YamlReader.Short(name)}”. Rename them so that only one has this name."
                    : $"There is no workflow “{YamlReader.Short(name)}” here or in this import. Import it too."
            );
            return null;
        }

        var outputs = comes is null
            ? await db.WorkflowSteps.Where(step => step.WorkflowId == id).Select(step => step.OutputKey).ToListAsync(cancellationToken)
            : [.. comes.Content.Steps.Select(step => step.OutputKey)];
        if (document.Output is { } output && !outputs.Contains(output))
        {
            reasons.Add($"The workflow has no output “{YamlReader.Short(output)}”. Use one of its outputs, or none for the final one.");
        }

        return reasons.Count > 0 ? null : new TestSetOwner(null, id, document.Output);
    }

    private async Task<string?> PromptIdAsync(string name, CancellationToken cancellationToken)
    {
        var normalized = name.Trim().ToUpperInvariant();
        return _coming.TryGetValue(normalized, out var comes)
            ? comes.Id
            : await db
                .Prompts.Where(prompt => prompt.NormalizedName == normalized)
                .Select(prompt => prompt.Id)
                .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>A judge with ids instead of names.</summary>
    private async Task<Check> WithIdsAsync(Check check, string set, List<string> reasons, CancellationToken cancellationToken)
    {
        var name = CheckText.NameOf(check);
        var promptId = check.JudgePromptId is { } prompt ? await PromptIdAsync(prompt, cancellationToken) : null;
        var modelId = check.JudgeModelProfileId is { } model ? models.Find(model, set) : null;
        if (promptId is null)
        {
            reasons.Add(
                $"Check “{name}”: there is no prompt “{YamlReader.Short(check.JudgePromptId ?? "")}” here or in this import. Import it too."
            );
        }

        if (modelId is null)
        {
            reasons.Add(
                $"Check “{name}”: there is no model profile “{YamlReader.Short(check.JudgeModelProfileId ?? "")}”. "
                    + "Choose one of yours instead."
            );
        }

        return check with
        {
            JudgePromptId = promptId,
            JudgeModelProfileId = modelId,
        };
    }

    private static IEnumerable<string> Errors(TestSetDocument document, IReadOnlyList<Check> checks) =>
        TestSetService
            .Errors(new TestSetContent(document.Name, checks))
            .Concat(document.Cases.SelectMany((test, i) => TestCaseRules.Errors(test.Content, $"cases[{i}].")))
            .Concat(
                document.Cases.Count > TestCaseService.Most
                    ? [new FieldError("cases", $"A test set can have at most {TestCaseService.Most:N0} cases.")]
                    : Array.Empty<FieldError>()
            )
            .Select(error => $"{error.Field}: {error.Message}");

    private static ImportItem Refused(ParsedFile file, IReadOnlyList<string> reasons) =>
        new(file.Path, ImportKind.TestSet, file.Name, ImportAction.Refuse) { Reasons = [.. reasons.Take(MostReasons)] };
}
