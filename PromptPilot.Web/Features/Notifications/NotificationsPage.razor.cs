using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Notifications;

/// <summary>All that concerned the viewer, live. Filter and place are in the URL.</summary>
public sealed partial class NotificationsPage : IAsyncDisposable
{
    private readonly Following _following = new();
    private Page<NotificationItem>? _page;
    private Problem? _problem;

    [SupplyParameterFromQuery]
    private string? State { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    [Inject]
    private NotificationService Service { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private bool UnreadOnly => State == "unread";

    public async ValueTask DisposeAsync()
    {
        await _following.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task OnInitializedAsync()
    {
        if (
            RendererInfo.IsInteractive
            && await Service.WatchAsync(await CurrentActor.GetAsync(), _following.Left) is { IsOk: true, Value: var watch }
        )
        {
            _following.Start(watch.NextAsync, () => InvokeAsync(ShowAsync), Time);
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var wanted = Navigation.Uri;
        var page = await Service.ListAsync(await CurrentActor.GetAsync(), UnreadOnly, new PageRequest(After), _following.Left);
        if (wanted == Navigation.Uri)
        {
            (_page, _problem) = (page.IsOk ? page.Value : _page, page.Problem);
        }
    }

    private async Task ShowAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    private async Task ReadAsync(NotificationItem item) =>
        await Service.ReadAsync(await CurrentActor.GetAsync(), item.Id, CancellationToken.None);

    private async Task ReadAllAsync() => await Service.ReadAllAsync(await CurrentActor.GetAsync(), CancellationToken.None);

    private string Address(string? after) =>
        Navigation.GetUriWithQueryParameters(
            "/notifications",
            new Dictionary<string, object?> { ["state"] = UnreadOnly ? "unread" : null, ["after"] = after }
        );
}
