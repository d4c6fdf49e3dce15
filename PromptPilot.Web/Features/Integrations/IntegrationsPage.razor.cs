using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>All hooks. Search, filters and place are in the URL.</summary>
public sealed partial class IntegrationsPage(PageServices services, IntegrationHookService service, WorkflowService workflowService)
    : PortalPage(services)
{
    private readonly SearchText _typed = new();
    private Page<HookListItem>? _page;
    private IReadOnlyList<WorkflowListItem> _workflows = [];

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery]
    private string? Type { get; set; }

    [SupplyParameterFromQuery]
    private string? Workflow { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    private bool IsFiltered => !string.IsNullOrEmpty(Text + Type + Workflow);

    protected override async Task OnInitializedAsync()
    {
        var workflows = await workflowService.ListAsync(
            await ActorAsync(),
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            Left
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
        var page = await service.ListAsync(
            await ActorAsync(),
            new HookFilter(Text, Null(Workflow), type),
            new PageRequest(Null(After)),
            Left
        );
        if (wanted == Navigation.Uri)
        {
            (_page, Problem) = (page.IsOk ? page.Value : _page, page.Problem);
        }
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
            ["type"] = Null(Type),
            ["workflow"] = Null(Workflow),
            ["after"] = after,
        };
        foreach (var (name, value) in changes)
        {
            query[name] = Null(value);
        }

        return Navigation.GetUriWithQueryParameters("integrations", query);
    }

    private static string? Null(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private string EmptyText =>
        "A hook sends what a run made to where it is needed, and tries again until it arrives."
        + (May(Permission.Write) ? "" : " Architects make them; what they send is shown here.");
}
