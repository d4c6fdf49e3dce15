using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>All hooks. Search, filters and place are in the URL.</summary>
public sealed partial class IntegrationsPage : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly SearchText _typed = new();
    private Page<HookListItem>? _page;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _problem;

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery]
    private string? Type { get; set; }

    [SupplyParameterFromQuery]
    private string? Workflow { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private IntegrationHookService Service { get; set; } = default!;

    [Inject]
    private WorkflowService WorkflowService { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private bool IsFiltered => !string.IsNullOrEmpty(Text + Type + Workflow);

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var workflows = await WorkflowService.ListAsync(
            await CurrentActor.GetAsync(),
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            _leaving.Token
        );
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override Task OnParametersSetAsync()
    {
        _typed.Arrive(Text);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var wanted = Navigation.Uri;
        HookType? type = Enum.TryParse<HookType>(Type, ignoreCase: true, out var kind) && Enum.IsDefined(kind) ? kind : null;
        var page = await Service.ListAsync(
            await CurrentActor.GetAsync(),
            new HookFilter(Text, Null(Workflow), type),
            new PageRequest(Null(After)),
            _leaving.Token
        );
        if (wanted == Navigation.Uri)
        {
            (_page, _problem) = (page.IsOk ? page.Value : _page, page.Problem);
        }
    }

    private async Task TypedAsync(string? text)
    {
        if (await _typed.TypeAsync(text ?? "", Time, _leaving.Token))
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
            ["type"] = Null(Type),
            ["workflow"] = Null(Workflow),
            ["after"] = after,
        };
        foreach (var (name, value) in changes)
        {
            query[name] = Null(value);
        }

        return Navigation.GetUriWithQueryParameters("/integrations", query);
    }

    private static string? Null(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
