using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Integrations;

public sealed partial class RunDeliveriesCard(PageServices services, HookDeliveryService deliveries) : PortalComponent(services)
{
    private const int Shown = 20;

    private IReadOnlyList<DeliveryItem> _items = [];
    private bool _hasMore;

    [Parameter, EditorRequired]
    public string RunId { get; set; } = "";

    [Parameter]
    public bool MayWrite { get; set; }

    [Parameter]
    public bool IsFinished { get; set; }

    /// <summary>Raised with how many there are, and how many of them failed.</summary>
    [Parameter]
    public EventCallback<(int All, int Failed)> Counted { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(deliveries.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var page = await deliveries.ListAsync(await ActorAsync(), new DeliveryFilter(RunId: RunId), new PageRequest(Limit: Shown), Left);
        if (page.IsOk)
        {
            (_items, _hasMore) = (page.Value.Items, page.Value.Next is not null);
            await Counted.InvokeAsync((_items.Count, _items.Count(item => item.State == DeliveryState.Failed)));
        }
    }

    private Task ResendAsync(DeliveryItem item) =>
        OnceAsync(async () =>
        {
            Problem = (await deliveries.ResendAsync(await ActorAsync(), item.Id, Left)).Problem;
            await LoadAsync();
        });
}
