using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Notifications;

public sealed partial class NotificationBell(PageServices services, NotificationService service) : PortalComponent(services)
{
    private const int Shown = 8;

    private IReadOnlyList<NotificationItem> _items = [];
    private int _unread;
    private string _news = "";

    private string Label => _unread == 0 ? "Notifications: none unread" : $"Notifications: {_unread} unread";

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(service.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        var count = await service.CountUnreadAsync(actor, Left);
        var items = await service.ListAsync(actor, unreadOnly: false, new PageRequest(Limit: Shown), Left);
        var unread = count.IsOk ? count.Value : 0;
        var isNews = unread > _unread && RendererInfo.IsInteractive;
        (_unread, _items) = (unread, items.IsOk ? items.Value.Items : []);
        _news = isNews ? Label : "";
    }

    private async Task ReadAsync(NotificationItem item) => await service.ReadAsync(await ActorAsync(), item.Id, Left);

    private async Task ReadAllAsync() => await service.ReadAllAsync(await ActorAsync(), Left);
}
