using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>The list of prompts. Search, filters and place are in the URL.</summary>
public sealed partial class PromptsPage : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private Page<PromptListItem>? _page;
    private PromptFacets _facets = new([], []);
    private Problem? _problem;

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery]
    private string? Category { get; set; }

    [SupplyParameterFromQuery]
    private string? Tag { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private PromptService Prompts { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool CanWrite => Viewer is { } viewer && Access.Allows(viewer.Role, Permission.Write);

    private bool IsFiltered => !string.IsNullOrEmpty(Text + Category + Tag);

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _problem = null;
        var actor = await CurrentActor.GetAsync();
        var facets = await Prompts.ListFacetsAsync(actor, _leaving.Token);
        var page = await Prompts.ListAsync(actor, new PromptFilter(Text, Category, Tag), new PageRequest(After), _leaving.Token);
        _problem = facets.Problem ?? page.Problem;
        if (facets.IsOk && page.IsOk)
        {
            (_facets, _page) = (facets.Value, page.Value);
        }
    }

    private static string Value(ChangeEventArgs change) => change.Value as string ?? "";

    /// <summary>Changes one filter and starts at the first page again; null leaves it as it is.</summary>
    private void GoTo(string? text = null, string? category = null, string? tag = null) => Navigation.NavigateTo(Address(null, text ?? Text, category ?? Category, tag ?? Tag));

    private string Address(string? after) => Address(after, Text, Category, Tag);

    private string Address(string? after, string? text, string? category, string? tag) => Navigation.GetUriWithQueryParameters(
        "/prompts",
        new Dictionary<string, object?> { ["text"] = Set(text), ["category"] = Set(category), ["tag"] = Set(tag), ["after"] = after });

    private static string? Set(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
