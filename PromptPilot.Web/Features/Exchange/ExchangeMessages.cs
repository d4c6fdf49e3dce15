using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Features.Exchange;

/// <summary>The report of an import in responses.</summary>
/// <param name="Fingerprint">Send it with the import, so that it happens only as previewed.</param>
internal sealed record ImportAnswer(
    bool Applied,
    int Created,
    int Changed,
    int Same,
    int Refused,
    int Ignored,
    string Fingerprint,
    IReadOnlyList<MissingModel> MissingModels,
    IReadOnlyList<ImportItemAnswer> Items
)
{
    public static ImportAnswer From(ImportReport report) =>
        new(
            report.Applied,
            report.Count(ImportAction.Create),
            report.Count(ImportAction.Change),
            report.Count(ImportAction.Same),
            report.Count(ImportAction.Refuse),
            report.Count(ImportAction.Ignore),
            report.Fingerprint,
            report.MissingModels,
            [.. report.Items.Select(ImportItemAnswer.From)]
        );
}

/// <summary>The outcome of a file.</summary>
/// <param name="Diff">Of a changed one: the file now and afterwards, cut into what stays, goes and comes.</param>
internal sealed record ImportItemAnswer(
    string File,
    ImportKind Kind,
    string? Name,
    ImportAction Action,
    string? Version,
    string? Id,
    IReadOnlyList<string>? Reasons,
    IReadOnlyList<string>? Notes,
    IReadOnlyList<TextPiece>? Diff
)
{
    public static ImportItemAnswer From(ImportItem item) =>
        new(
            item.File,
            item.Kind,
            item.Name,
            item.Action,
            item.Version,
            item.Id,
            item.Reasons.Count == 0 ? null : item.Reasons,
            item.Notes.Count == 0 ? null : item.Notes,
            item is { Before: { } before, After: { } after } ? TextComparison.Of(before, after).Pieces : null
        );
}
