using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>All webhooks; new ones are made here.</summary>
public sealed partial class WebhooksPage
{
    private IReadOnlyList<WebhookListItem>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _problem;
    private string _workflowId = "";
    private bool _busy;

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private WebhookInboxService Inbox { get; set; } = default!;

    [Inject]
    private TriggerService Triggers { get; set; } = default!;

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private FreshSecrets Secrets { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    protected override async Task OnInitializedAsync()
    {
        var actor = await CurrentActor.GetAsync();
        var items = await Inbox.ListTriggersAsync(actor, CancellationToken.None);
        (_items, _problem) = (items.IsOk ? items.Value : null, items.Problem);
        var workflows = await Workflows.ListAsync(actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), CancellationToken.None);
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    private async Task CreateAsync()
    {
        _busy = true;
        var actor = await CurrentActor.GetAsync();
        var workflow = await Workflows.FindAsync(actor, _workflowId, CancellationToken.None);
        if (!workflow.IsOk)
        {
            (_busy, _problem) = (false, workflow.Problem);
            return;
        }

        var made = await Triggers.CreateAsync(actor, _workflowId, WebhookForm.New(workflow.Value.Inputs), CancellationToken.None);
        (_busy, _problem) = (false, made.Problem);
        if (made.IsOk)
        {
            Secrets.Put(made.Value.Trigger.Id, made.Value.Secret);
            Navigation.NavigateTo($"/triggers/webhooks/{made.Value.Trigger.Id}");
        }
    }
}
