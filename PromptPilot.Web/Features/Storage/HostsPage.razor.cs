using Microsoft.Extensions.Options;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Storage;

/// <summary>The hosts that share the database, and how they are, for admins.</summary>
public sealed partial class HostsPage(PageServices services, StorageService storage, HostIdentity here, IOptions<RunsOptions> runs)
    : PortalPage(services)
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(1);

    private Actor _actor = Actor.Nobody;
    private IReadOnlyList<HostView>? _hosts;

    protected override async Task OnInitializedAsync()
    {
        _actor = await ActorAsync();
        await FollowAsync(
            (_, _) => Task.FromResult<Result<PeriodicTimer>>(new PeriodicTimer(RefreshEvery, Time)),
            (timer, left) => timer.WaitForNextTickAsync(left).AsTask(),
            LoadAsync
        );
        await LoadAsync();
    }

    private string Count(HostCondition condition) => Format.Count(_hosts!.Count(host => host.Condition == condition));

    private async Task LoadAsync()
    {
        var hosts = await storage.ListHostsAsync(_actor, Left);
        Problem = hosts.Problem;
        if (hosts.IsOk)
        {
            _hosts = hosts.Value;
        }
    }
}
