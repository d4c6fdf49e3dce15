using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>The inbox of one webhook.</summary>
public sealed partial class WebhookInboxCard(PageServices services, WebhookInboxService webhookInboxService) : PortalComponent(services)
{
    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };

    private IReadOnlyList<WebhookReceiptItem>? _items;
    private WebhookReceipt? _open;
    private string _which = "";
    private string? _next;
    private int _size = 20;

    [Parameter, EditorRequired]
    public string TriggerId { get; set; } = "";

    [Parameter]
    public bool MayWrite { get; set; }

    /// <summary>Something new has come.</summary>
    [Parameter]
    public EventCallback OnReceived { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(webhookInboxService.WatchAsync, (watch, left) => watch.NextAsync(left), RefreshAsync);
        await LoadAsync();
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
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return receipt.Body;
        }
    }

    private Task FilterAsync(string which)
    {
        _which = which;
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var page = await webhookInboxService.ListAsync(await ActorAsync(), Filter, new PageRequest(Limit: _size), Left);
        Problem = page.Problem;
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

        var found = await webhookInboxService.FindAsync(await ActorAsync(), item.Id, Left);
        (_open, Problem) = (found.IsOk ? found.Value : null, found.Problem);
    }

    private Task ReplayAsync(WebhookReceiptItem item) =>
        OnceAsync(async () =>
        {
            var replayed = await webhookInboxService.ReplayAsync(await ActorAsync(), item.Id, Left);
            Problem = replayed.Problem;
            if (replayed.IsOk)
            {
                Navigation.NavigateTo($"runs/{replayed.Value.Id}");
            }
        });

    private async Task RefreshAsync()
    {
        var newest = Newest;
        await LoadAsync();
        if (Newest != newest)
        {
            await OnReceived.InvokeAsync();
        }
    }

    private static string Facts(WebhookReceipt receipt) =>
        Format.Count((int)receipt.BodyBytes, "byte")
        + (receipt.ContentType is null ? "" : $" of {receipt.ContentType}")
        + (receipt.RemoteAddress is null ? "" : $", from {receipt.RemoteAddress}")
        + (receipt.IsWhole ? "" : "; only the beginning is stored");
}
