using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>The deliveries of one hook.</summary>
public sealed partial class DeliveriesCard : IAsyncDisposable
{
    private readonly Following _following = new();
    private IReadOnlyList<DeliveryItem>? _items;
    private DeliveryView? _open;
    private Problem? _problem;
    private string _which = "";
    private string? _next;
    private int _size = 20;
    private bool _busy;

    [Parameter, EditorRequired]
    public string HookId { get; set; } = "";

    [Parameter]
    public bool MayWrite { get; set; }

    [Inject]
    private HookDeliveryService Deliveries { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public async ValueTask DisposeAsync()
    {
        await _following.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = await CurrentActor.GetAsync();
        var watch = RendererInfo.IsInteractive ? await Deliveries.WatchAsync(actor, _following.Left) : default(Result<DeliveryWatch>?);
        await LoadAsync();
        if (watch is { IsOk: true } following)
        {
            _following.Start(following.Value.NextAsync, () => InvokeAsync(ShowAsync), Time);
        }
    }

    private async Task LoadAsync()
    {
        var actor = await CurrentActor.GetAsync();
        var filter = new DeliveryFilter(HookId, State: Enum.TryParse<DeliveryState>(_which, out var state) ? state : null);
        var page = await Deliveries.ListAsync(actor, filter, new PageRequest(Limit: _size), CancellationToken.None);
        _problem = page.Problem;
        if (page.IsOk)
        {
            (_items, _next) = (page.Value.Items, page.Value.Next);
        }

        if (
            _open is { } open
            && await Deliveries.FindAsync(actor, open.Delivery.Id, CancellationToken.None) is { IsOk: true } found
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

        var found = await Deliveries.FindAsync(await CurrentActor.GetAsync(), item.Id, CancellationToken.None);
        (_open, _problem) = (found.IsOk ? found.Value : null, found.Problem);
    }

    private async Task ResendAsync(DeliveryItem item)
    {
        _busy = true;
        var sent = await Deliveries.ResendAsync(await CurrentActor.GetAsync(), item.Id, CancellationToken.None);
        await LoadAsync();
        (_busy, _problem) = (false, sent.Problem ?? _problem);
    }

    private async Task ShowAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }
}
