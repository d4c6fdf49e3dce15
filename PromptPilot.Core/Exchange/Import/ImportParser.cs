using PromptPilot.Core.Exchange.Foreign;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>A file of an import, read as far as that needs no database.</summary>
internal sealed record ParsedFile(
    string Path,
    ImportKind Kind,
    PromptDocument? Prompt,
    WorkflowDocument? Workflow,
    IReadOnlyList<string> Reasons,
    bool IsIgnored,
    TestSetDocument? TestSet = null
)
{
    public string? Name => Prompt?.Draft.Name ?? Workflow?.Content.Name ?? TestSet?.Name;

    /// <summary>What no two files may be: names are unique within a kind, those of test sets within their prompt or workflow.</summary>
    public (ImportKind Kind, string Name) Key => (Kind, $"{TestSet?.Workflow}\n{TestSet?.Prompt}\n{Name}".ToUpperInvariant());

    public bool IsSound => Reasons.Count == 0;

    /// <summary>For a file of another tool: what is not imported, or was changed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Reads the files of an import. Checks the format and the general rules of prompts.</summary>
internal static class ImportParser
{
    private const int MostReasons = 20;

    public static IReadOnlyList<ParsedFile> Parse(IReadOnlyList<UnpackedFile> files, CancellationToken cancellationToken)
    {
        var parsed = new List<ParsedFile>(files.Count);
        var names = new Dictionary<(ImportKind Kind, string Name), string>();
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var part in Parse(file))
            {
                parsed.Add(
                    part is { IsSound: true, Name: { } name } && !names.TryAdd(part.Key, part.Path)
                        ? part with
                        {
                            Reasons = [$"“{name}” is also in {names[part.Key]}. Keep one of them, or rename this one."],
                        }
                        : part
                );
            }
        }

        return parsed;
    }

    private static IReadOnlyList<ParsedFile> Parse(UnpackedFile file) =>
        file.Refused is null && file.Ignored is null && ExchangeText.Read(file.Content) is { IsOk: true } text
            ? ForeignFiles.Parse(file.Path, text.Value) ?? [ParseOwn(file)]
            : [ParseOwn(file)];

    private static ParsedFile ParseOwn(UnpackedFile file)
    {
        var kind = ExchangeArchive.IsPrompt(file.Path) ? ImportKind.Prompt : ImportKind.Workflow;
        if (file.Refused is not null || file.Ignored is not null)
        {
            return new ParsedFile(file.Path, ImportKind.Other, null, null, [file.Refused ?? file.Ignored!], file.Ignored is not null);
        }

        var text = ExchangeText.Read(file.Content);
        if (!text.IsOk)
        {
            return Refused(file, kind, text.Problem);
        }

        if (kind == ImportKind.Workflow)
        {
            return ParseYaml(file, text.Value);
        }

        var prompt = PromptFile.Read(text.Value);
        if (!prompt.IsOk)
        {
            return Refused(file, kind, prompt.Problem);
        }

        return new ParsedFile(file.Path, kind, prompt.Value, null, ReasonsOf(prompt.Value.Draft), false);
    }

    private static ParsedFile ParseYaml(UnpackedFile file, string text)
    {
        var yaml = YamlReader.Read(text, 1);
        if (!yaml.IsOk)
        {
            return Refused(file, ImportKind.Workflow, yaml.Problem);
        }

        if (TestSetFile.IsTestSet(yaml.Value))
        {
            var set = TestSetFile.Read(yaml.Value);
            return set.IsOk
                ? new ParsedFile(file.Path, ImportKind.TestSet, null, null, [], false, set.Value)
                : Refused(file, ImportKind.TestSet, set.Problem);
        }

        var workflow = WorkflowFile.Read(yaml.Value);
        return workflow.IsOk
            ? new ParsedFile(file.Path, ImportKind.Workflow, null, workflow.Value, [], false)
            : Refused(file, ImportKind.Workflow, workflow.Problem);
    }

    /// <summary>Why the prompt in the file is invalid.</summary>
    public static IReadOnlyList<string> ReasonsOf(PromptDraft draft) =>
        [.. PromptChecks.Check(draft).Take(MostReasons).Select(error => Words(draft, error))];

    private static ParsedFile Refused(UnpackedFile file, ImportKind kind, Problem problem) =>
        new(
            file.Path,
            kind,
            null,
            null,
            problem.Errors.Count == 0 ? [problem.Message] : [.. problem.Errors.Take(MostReasons).Select(error => error.Message)],
            false
        );

    /// <summary>With the name of the variable instead of its number.</summary>
    private static string Words(PromptDraft draft, FieldError error)
    {
        var field = error.Field;
        if (
            field.StartsWith("variableDefinitions[", StringComparison.Ordinal)
            && int.TryParse(field.AsSpan(20, field.IndexOf(']', StringComparison.Ordinal) - 20), out var index)
        )
        {
            field = $"variable “{draft.VariableDefinitions[index].Name}”, {field[(field.IndexOf(']', StringComparison.Ordinal) + 2)..]}";
        }

        return error.Line is { } line ? $"{field}, its line {line}: {error.Message}" : $"{field}: {error.Message}";
    }
}
