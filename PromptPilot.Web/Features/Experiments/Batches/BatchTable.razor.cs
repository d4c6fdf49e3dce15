using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments.Batches;

public sealed partial class BatchTable(PageServices services, BatchResultService results) : PortalComponent(services)
{
    private const string All = "all";
    private const int MostColumns = 6;
    private const int MostShown = 200;

    private readonly List<BatchRows> _pages = [];
    private ExperimentView? _shown;
    private bool _isReading;
    private string? _filter;

    /// <summary>The batch. A new one means that rows have changed.</summary>
    [Parameter, EditorRequired]
    public ExperimentView View { get; set; } = default!;

    /// <summary>A state of rows in lower case; null: all.</summary>
    [Parameter]
    public string? Show { get; set; }

    [Parameter]
    public EventCallback<string> OnSelect { get; set; }

    private IReadOnlyList<string> Columns => [.. _pages[0].Columns.Take(MostColumns)];

    private (string Key, string Name)[] Filters =>
        [
            (All, $"All {Format.Count(View.Calls)}"),
            ("failed", $"Failed {Format.Count(View.Variants[0].Errors)}"),
            ("succeeded", "Succeeded"),
        ];

    private BatchRowStatus? Status => Enum.TryParse<BatchRowStatus>(Show, ignoreCase: true, out var status) ? status : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_filter != Show)
        {
            _pages.Clear();
        }

        if (_filter != Show || _shown != View)
        {
            (_filter, _shown) = (Show, View);
            await LoadAsync();
        }
    }

    /// <summary>Reads pages again that can have changed: rows that have ended stay as they are until they are retried.</summary>
    private async Task LoadAsync()
    {
        if (_pages.Count == 0)
        {
            await MoreAsync();
            return;
        }

        for (var i = 0; i < _pages.Count && Problem is null; i++)
        {
            var isEnded = _pages[i].Items.All(row => row.Status == BatchRowStatus.Succeeded);
            if (!isEnded || Status is not null)
            {
                await ReadAsync(i);
            }
        }
    }

    private Task MoreAsync() => ReadAsync(_pages.Count);

    private async Task ReadAsync(int index)
    {
        _isReading = true;
        var filter = _filter;
        var after = index == 0 ? null : _pages[index - 1].Next;
        var found = await results.ListRowsAsync(await ActorAsync(), View.Id, Status, new PageRequest(after), Left);
        (_isReading, Problem) = (false, found.Problem);
        if (!found.IsOk || filter != _filter || index > _pages.Count)
        {
            return;
        }

        if (index < _pages.Count)
        {
            _pages[index] = found.Value;
        }
        else
        {
            _pages.Add(found.Value);
        }
    }

    private static string Start(string? text) => text is null ? "" : Shorten.Text(text, MostShown);
}
