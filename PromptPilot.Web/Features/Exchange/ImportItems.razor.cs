using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;

namespace PromptPilot.Web.Features.Exchange;

public sealed partial class ImportItems
{
    private const int AtOnce = 200;
    private const int Longest = 100_000;

    private int _most = AtOnce;
    private string? _open;

    [Parameter, EditorRequired]
    public ImportReport Report { get; set; } = default!;

    private IEnumerable<ImportItem> Shown =>
        ImportWords.Order.SelectMany(action => Report.Items.Where(item => item.Action == action)).Take(_most);

    private static string Look(ImportItem item) => item.Before is null ? "Text" : "Differences";

    private string Word(ImportItem item) => ImportWords.Word(item.Action, Report.Applied);
}
