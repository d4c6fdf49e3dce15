using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Account;

public sealed partial class SessionsCard(PageServices services, SessionService sessionService) : PortalComponent(services)
{
    private IReadOnlyList<SessionItem>? _sessions;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var sessions = await sessionService.ListAsync(await ActorAsync(), Left);
        Problem = sessions.Problem;
        _sessions = sessions.IsOk ? sessions.Value : [];
    }

    private async Task EndAsync(SessionItem session)
    {
        var ended = await sessionService.EndAsync(await ActorAsync(), session.Id, Left);
        await LoadAsync();
        Problem ??= ended.Problem;
    }

    private async Task EndOthersAsync()
    {
        var ended = await sessionService.EndOthersAsync(await ActorAsync(), Left);
        await LoadAsync();
        Problem ??= ended.Problem;
    }
}
