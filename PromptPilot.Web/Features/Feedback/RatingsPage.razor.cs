using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>All ratings, or the low ones: filters in the address, and the same as CSV.</summary>
public sealed partial class RatingsPage(PageServices services, FeedbackListService list, UserService users, FeedbackChoices choices)
    : ListPage<RatingsQuery, FeedbackListItem>(services)
{
    private IReadOnlyList<PersonName> _people = [];

    private string ExportUrl => QueryRecord<RatingsQuery>.Write("feedback/export.csv", Filter);

    private RatingsQuery Cleared => new(Filter.Max, null, null, null, null, null, null, null, null);

    protected override string IdOf(FeedbackListItem item) => item.Id;

    protected override async Task<Result<Page<FeedbackListItem>>> ListAsync(RatingsQuery filter, PageRequest request) =>
        await list.ListAsync(await ActorAsync(), filter.ToFilter(), request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var actor = await ActorAsync();
        await choices.LoadAsync(actor, Left);
        var people = await users.ListNamesAsync(actor, Left);
        _people = people.IsOk ? people.Value : [];
    }

    private void SetDays((DateTime? From, DateTime? To) days) =>
        Set(Filter with { From = RunTimes.ToWord(days.From), To = RunTimes.ToWord(days.To) });
}
