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
    bool IsIgnored
)
{
    public string? Name => Prompt?.Draft.Name ?? Workflow?.Content.Name;

    public bool IsSound => Reasons.Count == 0;
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
            var next = Parse(file);
            if (next is { IsSound: true, Name: { } name } && !names.TryAdd((next.Kind, name.ToUpperInvariant()), file.Path))
            {
                next = next with
                {
                    Reasons = [$"“{name}” is also in {names[(next.Kind, name.ToUpperInvariant())]}. Keep one of them, or rename this one."],
                };
            }

            parsed.Add(next);
        }

        return parsed;
    }

    private static ParsedFile Parse(UnpackedFile file)
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
            var workflow = WorkflowFile.Read(text.Value);
            return workflow.IsOk ? new ParsedFile(file.Path, kind, null, workflow.Value, [], false) : Refused(file, kind, workflow.Problem);
        }

        var prompt = PromptFile.Read(text.Value);
        if (!prompt.IsOk)
        {
            return Refused(file, kind, prompt.Problem);
        }

        return new ParsedFile(file.Path, kind, prompt.Value, null, ReasonsOf(prompt.Value.Draft), false);
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
