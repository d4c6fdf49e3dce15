using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Home;

/// <summary>The start page: one's own runs, live, and what one can run.</summary>
public sealed partial class HomePage : IAsyncDisposable
{
    private const int ShownRuns = 10;
    private const int ShownWorkflows = 8;
    private const int ShownReviews = 20;
    private const int ShownBroken = 5;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<RunListItem>? _runs;
    private IReadOnlyList<HomeWorkflow> _workflows = [];
    private IReadOnlyList<RunFigures>? _figures;
    private IReadOnlyList<OpenReview> _reviews = [];
    private IReadOnlyList<ScheduleRow> _broken = [];
    private Problem? _problem;
    private Task _following = Task.CompletedTask;

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private RunService Runs { get; set; } = default!;

    [Inject]
    private RunReviewService Reviews { get; set; } = default!;

    [Inject]
    private ScheduleService Schedules { get; set; } = default!;

    [Inject]
    private HomeService Home { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string Greeting => Viewer is null ? "Home" : $"Hello, {Viewer.Name}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        if (RendererInfo.IsInteractive && _problem is null)
        {
            _following = FollowAsync();
        }
    }

    private bool May(Permission permission) => Viewer is not null && Access.Allows(Viewer.Role, permission);

    private static string Excerpt(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= 80 ? line : line[..(char.IsHighSurrogate(line[79]) ? 79 : 80)] + "…";
    }

    private async Task LoadAsync()
    {
        var actor = await CurrentActor.GetAsync();
        var workflows = await Home.ListWorkflowsAsync(actor, ShownWorkflows, CancellationToken.None);
        _workflows = workflows.IsOk ? workflows.Value : [];
        _problem = workflows.Problem;
        var broken = await Schedules.ListBrokenAsync(actor, CancellationToken.None);
        _broken = broken.IsOk ? [.. broken.Value.Take(ShownBroken)] : [];
        await RefreshAsync(actor);
    }

    private async Task RefreshAsync(Actor actor)
    {
        var runs = await Runs.ListAsync(
            actor,
            new RunFilter(StartedBy: Viewer?.UserId),
            new PageRequest(Limit: ShownRuns),
            CancellationToken.None
        );
        var figures = await Home.FindFiguresAsync(actor, CancellationToken.None);
        _runs = runs.IsOk ? runs.Value.Items : [];
        _figures = figures.IsOk ? figures.Value : null;
        if (May(Permission.Run))
        {
            var reviews = await Reviews.ListOpenAsync(actor, ShownReviews, CancellationToken.None);
            _reviews = reviews.IsOk ? reviews.Value : [];
        }

        _problem ??= runs.Problem ?? figures.Problem;
    }

    private async Task FollowAsync()
    {
        try
        {
            var actor = await CurrentActor.GetAsync();
            var result = await Runs.WatchListAsync(actor, _stop.Token);
            if (!result.IsOk)
            {
                return;
            }

            using var watch = result.Value;
            while (true)
            {
                await watch.NextAsync(_stop.Token);
                await RefreshAsync(actor);
                StateHasChanged();
                await Task.Delay(Rest, Time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The viewer has left.
        }
    }
}
