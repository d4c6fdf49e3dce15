using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Exchange;

/// <summary>Texts of the import page.</summary>
internal static class ImportWords
{
    /// <summary>The order in which people want to see the files: what needs them first.</summary>
    public static readonly IReadOnlyList<ImportAction> Order =
    [
        ImportAction.Refuse,
        ImportAction.Change,
        ImportAction.Create,
        ImportAction.Same,
        ImportAction.Ignore,
    ];

    public static string Word(ImportAction action, bool applied) =>
        action switch
        {
            ImportAction.Create => applied ? "Created" : "New",
            ImportAction.Change => applied ? "Changed" : "Changes",
            ImportAction.Same => "Unchanged",
            ImportAction.Refuse => "Refused",
            ImportAction.Ignore => "Ignored",
        };

    public static string Tone(ImportAction action) =>
        action switch
        {
            ImportAction.Create => "ok",
            ImportAction.Change => "warn",
            ImportAction.Refuse => "bad",
            ImportAction.Same or ImportAction.Ignore => "",
        };

    public static string Sign(ImportAction action) =>
        action switch
        {
            ImportAction.Create => "+",
            ImportAction.Change => "±",
            ImportAction.Refuse => "!",
            ImportAction.Same => "=",
            ImportAction.Ignore => "–",
        };

    public static string Summary(ImportReport report) =>
        string.Join(
            ", ",
            Order
                .Where(action => report.Count(action) > 0)
                .Select(action => $"{Format.Count(report.Count(action))} {Word(action, report.Applied).ToLowerInvariant()}")
        );

    public static string Confirm(ImportReport report)
    {
        var work = report.Count(ImportAction.Create) + report.Count(ImportAction.Change);
        return report.Count(ImportAction.Refuse) is > 0 and var refused
            ? $"Import {Format.Count(work)}, skip {Format.Count(refused)}"
            : $"Import {Format.Count(work)}";
    }

    public static string Done(ImportReport report) => $"Imported: {Summary(report)}.";

    public static string Files(IReadOnlyList<ImportFile> files) => files.Count == 1 ? files[0].Path : Format.Count(files.Count, "file");

    /// <summary>What a file is or becomes; null: nothing.</summary>
    public static string? Kind(ImportItem item) =>
        item.Name is null
            ? null
            : item.Kind switch
            {
                ImportKind.Prompt => "Prompt",
                ImportKind.Workflow => "Workflow",
                ImportKind.TestSet => "Test set",
                ImportKind.Other => null,
            };

    public static string? Address(ImportItem item) =>
        item switch
        {
            { Id: null } => null,
            { Kind: ImportKind.Prompt } => $"prompts/{item.Id}",
            { Kind: ImportKind.TestSet } => $"test-sets/{item.Id}",
            { Kind: ImportKind.Workflow } => $"workflows/{item.Id}",
            _ => null,
        };
}
