using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>All webhooks; new ones are made here.</summary>
public sealed partial class WebhooksPage(
    PageServices services,
    WebhookInboxService inbox,
    TriggerService triggers,
    WorkflowService workflowService,
    FreshSecrets secrets
) : PortalPage(services)
{
    private List<WebhookListItem>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _refused;
    private string? _next;
    private string _workflowId = "";

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    /// <summary><c>enabled</c> or <c>disabled</c>.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

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

    protected override async Task OnInitializedAsync()
    {
        var actor = await ActorAsync();
        var workflows = await workflowService.ListAsync(actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var filter = Filter;
        var page = await inbox.ListTriggersAsync(await ActorAsync(), filter, new PageRequest(), Left);
        if (filter == Filter)
        {
            Problem = page.Problem;
            (_items, _next) = page.IsOk ? ([.. page.Value.Items], page.Value.Next) : (_items, _next);
        }
    }

    private async Task MoreAsync()
    {
        var from = _next;
        var page = await inbox.ListTriggersAsync(await ActorAsync(), Filter, new PageRequest(from), Left);
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
        IsBusy = true;
        var actor = await ActorAsync();
        var workflow = await workflowService.FindAsync(actor, _workflowId, Left);
        if (!workflow.IsOk)
        {
            (IsBusy, _refused) = (false, workflow.Problem);
            return;
        }

        var made = await triggers.CreateAsync(actor, _workflowId, WebhookForm.New(workflow.Value.Inputs), Left);
        (IsBusy, _refused) = (false, made.Problem);
        if (made.IsOk)
        {
            secrets.Put(made.Value.Trigger.Id, made.Value.Secret);
            Navigation.NavigateTo($"triggers/webhooks/{made.Value.Trigger.Id}");
        }
    }
}
