using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Notifications;

/// <summary>All that concerned the viewer, live. Filter and place are in the URL.</summary>
public sealed partial class NotificationsPage(PageServices services, NotificationService service)
    : ListPage<NotificationsQuery, NotificationItem>(services)
{
    private const string EmptyText =
        "You are notified about reviews that wait for you, failed runs of your workflows, broken schedules, "
        + "disabled hooks and imports.";

    protected override string? CursorOf(NotificationsQuery filter) => filter.After;

    protected override string IdOf(NotificationItem item) => item.Id;

    protected override async Task<Result<Page<NotificationItem>>> ListAsync(NotificationsQuery filter, PageRequest request) =>
        await service.ListAsync(await ActorAsync(), filter.UnreadOnly, request, Left);

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(service.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await base.OnInitializedAsync();
    }

    /// <summary>Not cancelled: following the link, which marks it as read, leaves the page.</summary>
    private async Task ReadAsync(NotificationItem item) => await service.ReadAsync(await ActorAsync(), item.Id, CancellationToken.None);

    private async Task ReadAllAsync() => await service.ReadAllAsync(await ActorAsync(), Left);
}
