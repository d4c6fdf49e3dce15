using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Notifications;

/// <summary>All that concerned the viewer, live. Filter and place are in the URL.</summary>
public sealed partial class NotificationsPage : IAsyncDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Page<NotificationItem>? _page;
    private Problem? _problem;
    private Task _following = Task.CompletedTask;

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
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            _following = FollowAsync();
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var wanted = Navigation.Uri;
        var page = await Service.ListAsync(await CurrentActor.GetAsync(), UnreadOnly, new PageRequest(After), _stop.Token);
        if (wanted == Navigation.Uri)
        {
            (_page, _problem) = (page.IsOk ? page.Value : _page, page.Problem);
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            var watch = await Service.WatchAsync(await CurrentActor.GetAsync(), _stop.Token);
            while (watch.IsOk)
            {
                await watch.Value.NextAsync(_stop.Token);
                await InvokeAsync(async () =>
                {
                    await LoadAsync();
                    StateHasChanged();
                });
                await Task.Delay(Rest, Time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The viewer has left.
        }
    }

    private async Task ReadAsync(NotificationItem item) => await Service.ReadAsync(await CurrentActor.GetAsync(), item.Id, CancellationToken.None);

    private async Task ReadAllAsync() => await Service.ReadAllAsync(await CurrentActor.GetAsync(), CancellationToken.None);

    private string Address(string? after) => Navigation.GetUriWithQueryParameters("/notifications", new Dictionary<string, object?> { ["state"] = UnreadOnly ? "unread" : null, ["after"] = after });
}
