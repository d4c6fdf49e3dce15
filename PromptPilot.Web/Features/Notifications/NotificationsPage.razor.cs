using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Notifications;

/// <summary>All that concerned the viewer, live. Filter and place are in the URL.</summary>
public sealed partial class NotificationsPage(PageServices services, NotificationService service) : PortalPage(services)
{
    private const string EmptyText =
        "Here you are told of reviews that wait, of runs of your workflows that failed while nobody looked, of "
        + "schedules that cannot work, of hooks that were disabled, and of imports.";

    private Page<NotificationItem>? _page;

    [SupplyParameterFromQuery]
    private string? State { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    private bool UnreadOnly => State == "unread";

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(service.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var wanted = Navigation.Uri;
        var page = await service.ListAsync(await ActorAsync(), UnreadOnly, new PageRequest(After), Left);
        if (wanted == Navigation.Uri)
        {
            (_page, Problem) = (page.IsOk ? page.Value : _page, page.Problem);
        }
    }

    /// <summary>Not cancelled: following the link, which marks it as read, leaves the page.</summary>
    private async Task ReadAsync(NotificationItem item) => await service.ReadAsync(await ActorAsync(), item.Id, CancellationToken.None);

    private async Task ReadAllAsync() => await service.ReadAllAsync(await ActorAsync(), Left);

    private string Address(string? after) =>
        Navigation.GetUriWithQueryParameters(
            "notifications",
            new Dictionary<string, object?> { ["state"] = UnreadOnly ? "unread" : null, ["after"] = after }
        );
}
