using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Samples;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The list of workflows; what is filtered stands in the address.</summary>
public sealed partial class WorkflowsPage(
    PageServices services,
    WorkflowService workflowService,
    WorkflowSampleService workflowSampleService
) : PortalPage(services)
{
    private const string EmptyText =
        "A workflow chains prompts: each step runs one prompt on one model, and later steps read what earlier ones "
        + "wrote. Steps that do not read each other run at the same time.";

    private static readonly string[] Statuses = ["draft", "published", "archived"];

    private readonly SearchText _typed = new();
    private List<WorkflowListItem>? _items;
    private string? _next;
    private WorkflowFacets _facets = new([], []);
    private IReadOnlyList<WorkflowSample> _samples = [];
    private bool _making;

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Tag { get; set; }

    [SupplyParameterFromQuery]
    public string? Owner { get; set; }

    private bool IsFiltered => !string.IsNullOrEmpty(Search + Status + Tag + Owner);

    protected override async Task OnInitializedAsync()
    {
        var facets = await workflowService.ListFacetsAsync(await ActorAsync(), Left);
        _facets = facets.IsOk ? facets.Value : _facets;
        var samples = await workflowSampleService.ListAsync(await ActorAsync(), Left);
        _samples = samples.IsOk ? samples.Value : [];
    }

    protected override Task OnParametersSetAsync()
    {
        _typed.Arrive(Search);
        return LoadAsync();
    }

    private static IEnumerable<(string Value, string Name)> Words(IEnumerable<string> words) => words.Select(word => (word, word));

    private async Task LoadAsync()
    {
        var wanted = Navigation.Uri;
        var page = await PageAsync(null);
        if (wanted != Navigation.Uri)
        {
            return;
        }

        Problem = page.Problem;
        _items = page.IsOk ? [.. page.Value.Items] : null;
        _next = page.IsOk ? page.Value.Next : null;
    }

    /// <summary>Makes a draft of a sample and opens it in the designer.</summary>
    private async Task MakeAsync(WorkflowSample sample)
    {
        if (_making)
        {
            return;
        }

        _making = true;
        var made = await workflowSampleService.CreateAsync(await ActorAsync(), sample.Name, Left);
        (Problem, _making) = (made.Problem, made.IsOk);
        if (made.IsOk)
        {
            Navigation.NavigateTo($"workflows/{made.Value.Id}/edit");
        }
    }

    private async Task MoreAsync()
    {
        var page = await PageAsync(_next);
        Problem = page.Problem;
        if (page.IsOk)
        {
            _items!.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private async Task<Result<Page<WorkflowListItem>>> PageAsync(string? after)
    {
        WorkflowStatus? status = Enum.TryParse<WorkflowStatus>(Status, ignoreCase: true, out var parsed) ? parsed : null;
        return await workflowService.ListAsync(
            await ActorAsync(),
            new WorkflowFilter(Search, status, Tag, Owner),
            new PageRequest(after),
            Left
        );
    }

    private async Task TypedAsync(string? text)
    {
        if (await _typed.TypeAsync(text ?? "", Time, Left))
        {
            Navigation.NavigateTo(Address("search", _typed.Shown), replace: true);
        }
    }

    private void Set(string name, string value) => Navigation.NavigateTo(Address(name, value));

    private string Address(string name, string value) =>
        Navigation.GetUriWithQueryParameters(
            "workflows",
            new Dictionary<string, object?>
            {
                ["search"] = Null(Search),
                ["status"] = Null(Status),
                ["tag"] = Null(Tag),
                ["owner"] = Null(Owner),
                [name] = Null(value),
            }
        );

    private static string? Null(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Succeeded(WorkflowListItem item) =>
        $"{Format.Count(item.Succeeded)} of the last {Format.Count(item.Ended, "ended run")} succeeded";
}
