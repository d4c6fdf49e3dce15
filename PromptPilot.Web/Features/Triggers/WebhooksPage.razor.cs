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
    private List<WebhookListItem>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _problem;
    private Problem? _refused;
    private string? _next;
    private string _workflowId = "";
    private bool _busy;

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    /// <summary><c>enabled</c> or <c>disabled</c>.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

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

    private WebhookFilter Filter =>
        new(
            Text,
            State switch
            {
                "enabled" => true,
                "disabled" => false,
                _ => null,
            }
        );

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    protected override async Task OnInitializedAsync()
    {
        var actor = await CurrentActor.GetAsync();
        var workflows = await Workflows.ListAsync(
            actor,
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            CancellationToken.None
        );
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var filter = Filter;
        var page = await Inbox.ListTriggersAsync(await CurrentActor.GetAsync(), filter, new PageRequest(), CancellationToken.None);
        if (filter == Filter)
        {
            _problem = page.Problem;
            (_items, _next) = page.IsOk ? ([.. page.Value.Items], page.Value.Next) : (_items, _next);
        }
    }

    private async Task MoreAsync()
    {
        var from = _next;
        var page = await Inbox.ListTriggersAsync(await CurrentActor.GetAsync(), Filter, new PageRequest(from), CancellationToken.None);
        if (page.IsOk && from == _next)
        {
            _items?.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private void Set(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrWhiteSpace(value) ? null : value.Trim()));

    private async Task CreateAsync()
    {
        _busy = true;
        var actor = await CurrentActor.GetAsync();
        var workflow = await Workflows.FindAsync(actor, _workflowId, CancellationToken.None);
        if (!workflow.IsOk)
        {
            (_busy, _refused) = (false, workflow.Problem);
            return;
        }

        var made = await Triggers.CreateAsync(actor, _workflowId, WebhookForm.New(workflow.Value.Inputs), CancellationToken.None);
        (_busy, _refused) = (false, made.Problem);
        if (made.IsOk)
        {
            Secrets.Put(made.Value.Trigger.Id, made.Value.Secret);
            Navigation.NavigateTo($"/triggers/webhooks/{made.Value.Trigger.Id}");
        }
    }
}
