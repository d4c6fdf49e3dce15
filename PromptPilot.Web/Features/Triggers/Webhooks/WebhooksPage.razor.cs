using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>All webhooks; new ones are made here.</summary>
public sealed partial class WebhooksPage(
    PageServices services,
    WebhookInboxService inbox,
    TriggerService triggers,
    WorkflowService workflowService,
    FreshSecrets secrets
) : ListPage<WebhooksQuery, WebhookListItem>(services)
{
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _refused;
    private string _workflowId = "";

    protected override string IdOf(WebhookListItem item) => item.Id;

    protected override async Task<Result<Page<WebhookListItem>>> ListAsync(WebhooksQuery filter, PageRequest request) =>
        await inbox.ListTriggersAsync(await ActorAsync(), filter.ToFilter(), request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var actor = await ActorAsync();
        var workflows = await workflowService.ListAsync(actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    private Task CreateAsync() =>
        OnceAsync(async () =>
        {
            if (_workflowId.Length == 0)
            {
                _refused = Core.Shared.Problem.Invalid("Choose a workflow first.");
                return;
            }

            var actor = await ActorAsync();
            var workflow = await workflowService.FindAsync(actor, _workflowId, Left);
            _refused = workflow.Problem;
            if (!workflow.IsOk)
            {
                return;
            }

            var made = await triggers.CreateAsync(actor, _workflowId, WebhookForm.New(workflow.Value.Inputs), Left);
            _refused = made.Problem;
            if (made.IsOk)
            {
                secrets.Put(made.Value.Trigger.Id, made.Value.Secret);
                Navigation.NavigateTo($"triggers/webhooks/{made.Value.Trigger.Id}");
            }
        });
}
