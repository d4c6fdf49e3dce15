using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts.List;

/// <summary>The list of prompts. Search, filters, order and place are in the URL.</summary>
public sealed partial class PromptsPage(PageServices services, PromptService promptService)
    : ListPage<PromptsQuery, PromptListItem>(services)
{
    private const string EmptyText =
        "A prompt is text with variables, such as “Summarize these notes: {{ notes }}”. Workflows run prompts one "
        + "after another or in parallel.";

    private static readonly (string Value, string Name)[] ArchiveOptions = [("true", "Archived")];
    private static readonly (string Value, string Name)[] SortOptions =
    [
        ("name", "Name, A to Z"),
        ("updated", "Last changed"),
        ("use", "Most used"),
        ("rating", "Best rated"),
    ];

    private readonly HashSet<string> _selected = new(StringComparer.Ordinal);
    private PromptFacets? _loadedFacets;

    protected override bool IsFiltered => Filter.IsFiltered;

    private PromptFacets _facets => _loadedFacets ?? new PromptFacets([], []);

    protected override string? SearchOf(PromptsQuery filter) => filter.Text;

    protected override string? CursorOf(PromptsQuery filter) => filter.After;

    protected override string IdOf(PromptListItem item) => item.Id;

    protected override async Task<Result<Page<PromptListItem>>> ListAsync(PromptsQuery filter, PageRequest request)
    {
        var actor = await ActorAsync();
        if (_loadedFacets is null)
        {
            var facets = await promptService.ListFacetsAsync(actor, Left);
            if (!facets.IsOk)
            {
                return facets.Problem;
            }

            _loadedFacets = facets.Value;
        }

        return await promptService.ListAsync(actor, filter.ToFilter(), request, Left);
    }

    protected override void Show() => _selected.IntersectWith(Items!.Select(prompt => prompt.Id));

    private static IEnumerable<(string Value, string Name)> Words(IEnumerable<string> words) => words.Select(word => (word, word));

    private Task ChangedAsync()
    {
        _loadedFacets = null;
        return LoadAsync();
    }

    private Task TypedAsync(string? text) => TypeAsync(text, typed => Filter with { Text = typed, After = null });
}
