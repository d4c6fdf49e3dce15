using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Lists;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.List;

/// <summary>The list of runs: filters in the URL, kept fresh at most once a second.</summary>
public sealed partial class RunsPage(
    PageServices services,
    RunService runService,
    RunListService runListService,
    WorkflowService workflowService
) : ListPage<RunsQuery, RunListItem>(services)
{
    private const string NothingFound =
        "The newest 20,000 runs that match the other filters were searched. Narrow these to search older runs.";

    private static readonly IReadOnlyList<(string Value, string Name)> Statuses =
    [
        .. Enum.GetValues<RunStatus>().Select(status => (status.ToString(), StatusLook.Of(status).Word)),
    ];

    private static readonly IReadOnlyList<(string Value, string Name)> Triggers =
    [
        .. Enum.GetValues<TriggerType>().Select(trigger => (trigger.ToString(), RunPageModel.TriggerWord(trigger))),
    ];

    private readonly Dictionary<string, string> _people = [];
    private readonly RunSelection _selection = new();
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private RunFilter _filter = new();

    /// <summary>The viewer and everyone who was seen in the list.</summary>
    private IEnumerable<(string Value, string Name)> People =>
        _people.OrderBy(person => person.Value, StringComparer.CurrentCultureIgnoreCase).Select(person => (person.Key, person.Value));

    protected override bool IsFiltered => Filter.IsFiltered;

    protected override string IdOf(RunListItem item) => item.Id;

    protected override async Task<Result<Page<RunListItem>>> ListAsync(RunsQuery filter, PageRequest request) =>
        await runService.ListAsync(await ActorAsync(), _filter, request, Left);

    protected override async Task<Result<Page<RunListItem>>> ListAgainAsync(RunsQuery filter, PageRequest request) =>
        await runListService.RefreshAsync(await ActorAsync(), _filter, request, Left);

    /// <summary>The span starts when it was selected, so that a refresh does not move it.</summary>
    protected override void FilterChanged() => _filter = Filter.ToFilter(Time.GetUtcNow().UtcDateTime);

    protected override async Task OnInitializedAsync()
    {
        if (Viewer?.UserId is { } id)
        {
            _people[id] = Viewer.Name;
        }

        await FollowAsync(runListService.WatchAsync, (watch, left) => watch.NextAsync(left), RefreshAsync);
        await base.OnInitializedAsync();
        var workflows = await workflowService.ListAsync(
            await ActorAsync(),
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            Left
        );
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override void Show()
    {
        _selection.Keep(Items!);
        foreach (var run in Items!)
        {
            if (run is { StartedBy: { } id, StartedByName: { } name })
            {
                _people[id] = name;
            }
        }
    }

    private void SetDays((DateTime? From, DateTime? To) days) =>
        Set(Filter with { From = RunTimes.ToWord(days.From), To = RunTimes.ToWord(days.To) });
}
