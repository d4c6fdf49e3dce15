using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>The deliveries of one hook.</summary>
public sealed partial class DeliveriesCard(PageServices services, HookDeliveryService hookDeliveryService) : PortalComponent(services)
{
    private IReadOnlyList<DeliveryItem>? _items;
    private DeliveryView? _open;
    private string _which = "";
    private string? _next;
    private int _size = 20;

    [Parameter, EditorRequired]
    public string HookId { get; set; } = "";

    [Parameter]
    public bool MayWrite { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(hookDeliveryService.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private Task FilterAsync(string which)
    {
        _which = which;
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        var filter = new DeliveryFilter(HookId, State: Enum.TryParse<DeliveryState>(_which, out var state) ? state : null);
        var page = await hookDeliveryService.ListAsync(actor, filter, new PageRequest(Limit: _size), Left);
        Problem = page.Problem;
        if (page.IsOk)
        {
            (_items, _next) = (page.Value.Items, page.Value.Next);
        }

        if (
            _open is { } open
            && await hookDeliveryService.FindAsync(actor, open.Delivery.Id, Left) is { IsOk: true } found
            && _open?.Delivery.Id == open.Delivery.Id
        )
        {
            _open = found.Value;
        }
    }

    private Task MoreAsync()
    {
        _size = Math.Min(PageRequest.MaxLimit, _size + 40);
        return LoadAsync();
    }

    private async Task OpenAsync(DeliveryItem item)
    {
        if (_open?.Delivery.Id == item.Id)
        {
            _open = null;
            return;
        }

        var found = await hookDeliveryService.FindAsync(await ActorAsync(), item.Id, Left);
        (_open, Problem) = (found.IsOk ? found.Value : null, found.Problem);
    }

    private Task ResendAsync(DeliveryItem item) =>
        OnceAsync(async () =>
        {
            var sent = await hookDeliveryService.ResendAsync(await ActorAsync(), item.Id, Left);
            await LoadAsync();
            Problem = sent.Problem ?? Problem;
        });
}
