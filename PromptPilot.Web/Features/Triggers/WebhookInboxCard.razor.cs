using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>The inbox of one webhook.</summary>
public sealed partial class WebhookInboxCard : IAsyncDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };

    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<WebhookReceiptItem>? _items;
    private WebhookReceipt? _open;
    private Problem? _problem;
    private string _which = "";
    private string? _next;
    private int _size = 20;
    private bool _busy;
    private Task _following = Task.CompletedTask;

    [Parameter, EditorRequired]
    public string TriggerId { get; set; } = "";

    [Parameter]
    public bool MayWrite { get; set; }

    /// <summary>Something new has come.</summary>
    [Parameter]
    public EventCallback OnReceived { get; set; }

    [Inject]
    private WebhookInboxService Inbox { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = await CurrentActor.GetAsync();
        var watch = RendererInfo.IsInteractive ? await Inbox.WatchAsync(actor, _stop.Token) : default(Result<WebhookInboxWatch>?);
        await LoadAsync();
        if (watch is { IsOk: true } following)
        {
            _following = FollowAsync(following.Value);
        }
    }

    /// <summary>JSON with line breaks, anything else as it came.</summary>
    private static string Body(WebhookReceipt receipt)
    {
        if (receipt.Body.AsSpan().TrimStart() is not ['{' or '[', ..] || !receipt.IsWhole)
        {
            return receipt.Body;
        }

        try
        {
            using var document = JsonDocument.Parse(receipt.Body);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            return receipt.Body;
        }
    }

    private async Task LoadAsync()
    {
        var page = await Inbox.ListAsync(await CurrentActor.GetAsync(), Filter, new PageRequest(Limit: _size), CancellationToken.None);
        _problem = page.Problem;
        if (page.IsOk)
        {
            (_items, _next) = (page.Value.Items, page.Value.Next);
        }
    }

    private string? Newest => _items is { Count: > 0 } items ? items[0].Id : null;

    private WebhookInboxFilter Filter => new(TriggerId, bool.TryParse(_which, out var authentic) ? authentic : null);

    private Task MoreAsync()
    {
        _size = Math.Min(PageRequest.MaxLimit, _size + 40);
        return LoadAsync();
    }

    private async Task OpenAsync(WebhookReceiptItem item)
    {
        if (_open?.Id == item.Id)
        {
            _open = null;
            return;
        }

        var found = await Inbox.FindAsync(await CurrentActor.GetAsync(), item.Id, CancellationToken.None);
        (_open, _problem) = (found.IsOk ? found.Value : null, found.Problem);
    }

    private async Task ReplayAsync(WebhookReceiptItem item)
    {
        _busy = true;
        var replayed = await Inbox.ReplayAsync(await CurrentActor.GetAsync(), item.Id, CancellationToken.None);
        (_busy, _problem) = (false, replayed.Problem);
        if (replayed.IsOk)
        {
            Navigation.NavigateTo($"/runs/{replayed.Value.Id}");
        }
    }

    private async Task FollowAsync(WebhookInboxWatch watch)
    {
        try
        {
            while (true)
            {
                await watch.NextAsync(_stop.Token);
                var newest = Newest;
                await LoadAsync();
                StateHasChanged();
                if (Newest != newest)
                {
                    await OnReceived.InvokeAsync();
                }

                await Task.Delay(Rest, Time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The viewer has left.
        }
    }
}
