using PromptPilot.Core.Approvals;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Approvals;

/// <summary>All change requests, with the filter in the URL.</summary>
public sealed partial class ChangesPage(PageServices services, ChangeListService changes) : ListPage<ChangesQuery, ChangeListItem>(services)
{
    private static readonly IReadOnlyList<(string Value, string Name)> Statuses =
    [
        .. Enum.GetValues<ChangeStatus>().Select(status => (status.ToString().ToLowerInvariant(), ChangeWords.Of(status).Word)),
    ];

    protected override string IdOf(ChangeListItem item) => item.Id;

    protected override async Task<Result<Page<ChangeListItem>>> ListAsync(ChangesQuery filter, PageRequest request) =>
        await changes.ListAsync(
            await ActorAsync(),
            new ChangeFilter(
                Enum.TryParse<ChangeStatus>(filter.Status, ignoreCase: true, out var status) ? status : null,
                filter.Prompt,
                filter.Workflow
            ),
            request,
            Left
        );

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(changes.WatchAsync, (watch, left) => watch.NextAsync(left), RefreshAsync);
        await base.OnInitializedAsync();
    }
}
