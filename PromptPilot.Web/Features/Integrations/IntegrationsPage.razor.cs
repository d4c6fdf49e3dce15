using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>All hooks. Search, filters and place are in the URL.</summary>
public sealed partial class IntegrationsPage(PageServices services, IntegrationHookService service, WorkflowService workflowService)
    : ListPage<HooksQuery, HookListItem>(services)
{
    private IReadOnlyList<WorkflowListItem> _workflows = [];

    protected override bool IsFiltered => Filter with { After = null } != new HooksQuery();

    private string EmptyText =>
        "A hook sends the results of runs to another program, a Slack channel or an e-mail address, with retries."
        + (May(Permission.Write) ? "" : " Architects create hooks; their deliveries appear here.");

    protected override string? SearchOf(HooksQuery filter) => filter.Text;

    protected override string? CursorOf(HooksQuery filter) => filter.After;

    protected override string IdOf(HookListItem item) => item.Id;

    protected override async Task<Result<Page<HookListItem>>> ListAsync(HooksQuery filter, PageRequest request) =>
        await service.ListAsync(await ActorAsync(), filter.ToFilter(), request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var workflows = await workflowService.ListAsync(
            await ActorAsync(),
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            Left
        );
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    private Task TypedAsync(string? text) => TypeAsync(text, typed => Filter with { Text = typed, After = null });
}
