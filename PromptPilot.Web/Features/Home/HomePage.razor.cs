using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Lists;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Home;

/// <summary>The start page: one's own runs, live, and what one can run.</summary>
public sealed partial class HomePage(
    PageServices services,
    RunService runService,
    RunListService runListService,
    RunReviewService runReviewService,
    ScheduleService scheduleService,
    HomeService home
) : PortalPage(services)
{
    private const int ShownRuns = 10;
    private const int ShownWorkflows = 8;
    private const int ShownReviews = 20;
    private const int ShownBroken = 5;
    private const string FirstSample = "Summarize a document";

    /// <summary>The shortest time between two counts of the statistics, which cover many runs.</summary>
    private static readonly TimeSpan CountAfter = TimeSpan.FromMinutes(1);

    private IReadOnlyList<RunListItem>? _runs;
    private IReadOnlyList<HomeWorkflow> _workflows = [];
    private IReadOnlyList<RunFigures>? _figures;
    private long _counted;
    private IReadOnlyList<OpenReview> _reviews = [];
    private IReadOnlyList<ScheduleRow> _broken = [];
    private Problem? _refused;

    /// <summary>The first workflow to try: a sample that runs without a review, if there is one.</summary>
    private HomeWorkflow First => _workflows.FirstOrDefault(workflow => workflow.Name == FirstSample) ?? _workflows[0];

    private string Greeting => Viewer is null ? "Home" : $"Hello, {Viewer.Name}";

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(runListService.WatchAsync, (watch, left) => watch.NextAsync(left), RefreshAsync);
        await LoadAsync();
    }

    /// <summary>Starts it with the defaults of its inputs; where one has none, its form asks for them.</summary>
    private Task TryAsync() =>
        OnceAsync(async () =>
        {
            var started = await runService.StartAsync(
                await ActorAsync(),
                new StartRunRequest(First.Id, new Dictionary<string, JsonElement>()),
                Left
            );
            _refused = started.Problem is { Errors.Count: 0 } ? started.Problem : null;
            if (_refused is null)
            {
                LeaveFor(started.IsOk ? $"runs/{started.Value.Id}" : $"workflows/{First.Id}/run");
            }
        });

    private static string Excerpt(string text) => MarkdownExcerpt.Of(text, 81);

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        Problem = null;
        var broken = await scheduleService.ListBrokenAsync(actor, Left);
        _broken = broken.IsOk ? [.. broken.Value.Take(ShownBroken)] : [];
        await ShowAsync(isFirst: true);
    }

    private Task RefreshAsync() => ShowAsync(isFirst: false);

    /// <param name="isFirst">The page is being opened: it does not wait for the next read that viewers share.</param>
    private async Task ShowAsync(bool isFirst)
    {
        var actor = await ActorAsync();
        var mine = new RunFilter(StartedBy: Viewer?.UserId);
        var page = new PageRequest(Limit: ShownRuns);
        var runs = isFirst
            ? await runService.ListAsync(actor, mine, page, Left)
            : await runListService.RefreshAsync(actor, mine, page, Left);
        _runs = runs.IsOk ? runs.Value.Items : [];
        Problem ??= runs.Problem;
        if (_figures is null || Time.GetElapsedTime(_counted) > CountAfter)
        {
            _counted = Time.GetTimestamp();
            var overview = await home.FindAsync(actor, ShownWorkflows, Left);
            (_figures, _workflows) = overview.IsOk ? (overview.Value.Figures, overview.Value.Workflows) : (null, []);
            Problem ??= overview.Problem;
        }

        if (May(Permission.Run))
        {
            var reviews = await runReviewService.ListOpenAsync(actor, ShownReviews, Left);
            _reviews = reviews.IsOk ? reviews.Value : [];
        }
    }
}
