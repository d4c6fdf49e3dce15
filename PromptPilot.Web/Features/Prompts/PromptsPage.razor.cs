using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>The list of prompts. Search, filters, order and place are in the URL.</summary>
public sealed partial class PromptsPage(PageServices services, PromptService promptService) : PortalPage(services)
{
    private const string EmptyText =
        "A prompt is a text with variables, such as “Summarize these notes: {{ notes }}”. Workflows run prompts one "
        + "after another, or side by side.";

    private static readonly (string Value, string Name)[] ArchiveOptions = [("true", "Archived")];
    private static readonly (string Value, string Name)[] SortOptions =
    [
        ("name", "Name, A to Z"),
        ("updated", "Last changed"),
        ("use", "Most used"),
        ("rating", "Best rated"),
    ];

    private readonly SearchText _typed = new();
    private readonly HashSet<string> _selected = new(StringComparer.Ordinal);
    private Page<PromptListItem>? _page;
    private PromptFacets? _loadedFacets;

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery]
    private string? Category { get; set; }

    [SupplyParameterFromQuery]
    private string? Tag { get; set; }

    [SupplyParameterFromQuery]
    private string? Label { get; set; }

    [SupplyParameterFromQuery]
    private string? Author { get; set; }

    [SupplyParameterFromQuery]
    private string? Archived { get; set; }

    [SupplyParameterFromQuery]
    private string? Sort { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    private bool IsArchived => Archived == "true";

    private bool IsFiltered => !string.IsNullOrEmpty(Text + Category + Tag + Label + Author) || IsArchived;

    private PromptFacets _facets => _loadedFacets ?? new PromptFacets([], []);

    private PromptSort Order =>
        Enum.TryParse<PromptSort>(Sort, ignoreCase: true, out var sort) && Enum.IsDefined(sort) ? sort
        : string.IsNullOrEmpty(Text) ? PromptSort.Name
        : PromptSort.Match;

    protected override Task OnParametersSetAsync()
    {
        _typed.Arrive(Text);
        return LoadAsync();
    }

    private static IEnumerable<(string Value, string Name)> Words(IEnumerable<string> words) => words.Select(word => (word, word));

    private async Task LoadAsync()
    {
        var (actor, wanted) = (await ActorAsync(), Navigation.Uri);
        Problem = null;
        if (_loadedFacets is null)
        {
            var facets = await promptService.ListFacetsAsync(actor, Left);
            Problem = facets.Problem;
            _loadedFacets = facets.IsOk ? facets.Value : null;
        }

        var page = await promptService.ListAsync(
            actor,
            new PromptFilter(Text, Category, Tag, Label, Author, IsArchived, Order),
            new PageRequest(After),
            Left
        );
        if (wanted != Navigation.Uri)
        {
            return;
        }

        Problem ??= page.Problem;
        if (page.IsOk)
        {
            _page = page.Value;
            _selected.IntersectWith(page.Value.Items.Select(prompt => prompt.Id));
        }
    }

    private Task ChangedAsync()
    {
        _loadedFacets = null;
        return LoadAsync();
    }

    private async Task TypedAsync(string? text)
    {
        if (await _typed.TypeAsync(text ?? "", Time, Left))
        {
            Navigation.NavigateTo(Address(null, ("text", _typed.Shown)), replace: true);
        }
    }

    /// <summary>Changes one filter and starts at the first page again.</summary>
    private void Set(string name, string value) => Navigation.NavigateTo(Address(null, (name, value)));

    private string Address(string? after, params (string Name, string Value)[] changes)
    {
        var query = new Dictionary<string, object?>
        {
            ["text"] = Null(Text),
            ["category"] = Null(Category),
            ["tag"] = Null(Tag),
            ["label"] = Null(Label),
            ["author"] = Null(Author),
            ["archived"] = Null(Archived),
            ["sort"] = Null(Sort),
            ["after"] = after,
        };
        foreach (var (name, value) in changes)
        {
            query[name] = Null(value);
        }

        return Navigation.GetUriWithQueryParameters("prompts", query);
    }

    private static string? Null(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
