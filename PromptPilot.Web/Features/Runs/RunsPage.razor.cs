using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs;

/// <summary>The list of runs: filters in the URL, kept fresh at most once a second.</summary>
public sealed partial class RunsPage(PageServices services, RunService runService, WorkflowService workflowService) : PortalPage(services)
{
    private readonly Dictionary<string, string> _people = [];
    private readonly RunSelection _selection = new();
    private IReadOnlyList<RunListItem>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private string? _next;
    private int _size = 50;
    private RunFilter? _asked;
    private RunFilter? _filter;
    private string? _since;

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "workflow")]
    private string? WorkflowId { get; set; }

    [SupplyParameterFromQuery(Name = "status")]
    private string? Status { get; set; }

    [SupplyParameterFromQuery(Name = "trigger")]
    private string? Trigger { get; set; }

    [SupplyParameterFromQuery(Name = "by")]
    private string? By { get; set; }

    [SupplyParameterFromQuery(Name = "since")]
    private string? Since { get; set; }

    /// <summary>With <see cref="RunTimes.Days"/>: an instant.</summary>
    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? To { get; set; }

    [SupplyParameterFromQuery(Name = "pinned")]
    private string? Pinned { get; set; }

    [SupplyParameterFromQuery(Name = "draft")]
    private string? Draft { get; set; }

    private bool IsFiltered =>
        new[] { Text, WorkflowId, Status, Trigger, By, Since, Pinned, Draft }.Any(value => !string.IsNullOrEmpty(value));

    /// <summary>The viewer and whoever was seen in the list.</summary>
    private IEnumerable<KeyValuePair<string, string>> People =>
        _people.OrderBy(person => person.Value, StringComparer.CurrentCultureIgnoreCase);

    protected override async Task OnInitializedAsync()
    {
        if (Viewer?.UserId is { } id)
        {
            _people[id] = Viewer.Name;
        }

        await FollowAsync(runService.WatchListAsync, (watch, left) => watch.NextAsync(left), RefreshAsync);
        var actor = await ActorAsync();
        var workflows = await workflowService.ListAsync(actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override async Task OnParametersSetAsync()
    {
        var filter = new RunFilter(
            Empty(WorkflowId),
            Parsed<RunStatus>(Status),
            Parsed<TriggerType>(Trigger),
            Empty(By),
            Text: Empty(Text),
            Pinned: Flag(Pinned),
            IsDraft: Flag(Draft)
        );
        if (Since == RunTimes.Days)
        {
            filter = filter with { From = RunTimes.Parse(From), To = RunTimes.Parse(To) };
        }

        // The time counts from when it was chosen, so that it does not make another filter of each refresh.
        if (filter != _asked || Since != _since)
        {
            (_asked, _since, _size, _items) = (filter, Since, 50, null);
            _filter = Since == RunTimes.Days ? filter : filter with { From = RunTimes.From(Since, Time.GetUtcNow().UtcDateTime) };
            await LoadAsync();
        }
    }

    private static bool? Flag(string? word) => bool.TryParse(word, out var flag) ? flag : null;

    private static string? Empty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static T? Parsed<T>(string? word)
        where T : struct, Enum => Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;

    /// <summary>Reads as many rows as are shown, so that a refresh does not fold the list.</summary>
    private async Task LoadAsync()
    {
        var wanted = _filter ?? new RunFilter();
        var result = await runService.ListAsync(await ActorAsync(), wanted, new PageRequest(Limit: _size), Left);
        if (wanted != _filter)
        {
            return;
        }

        Problem = result.Problem;
        if (result.IsOk)
        {
            Show(result.Value.Items, result.Value.Next);
        }
    }

    private async Task MoreAsync()
    {
        var result = await runService.ListAsync(await ActorAsync(), _filter ?? new RunFilter(), new PageRequest(_next, 50), Left);
        Problem = result.Problem;
        if (result.IsOk)
        {
            var known = (_items ?? []).Select(run => run.Id).ToHashSet();
            Show([.. _items ?? [], .. result.Value.Items.Where(run => !known.Contains(run.Id))], result.Value.Next);
            _size = Math.Min(PageRequest.MaxLimit, _items!.Count);
        }
    }

    private void Show(IReadOnlyList<RunListItem> items, string? next)
    {
        (_items, _next) = (items, next);
        _selection.Keep(items);
        foreach (var run in items)
        {
            if (run is { StartedBy: { } id, StartedByName: { } name })
            {
                _people[id] = name;
            }
        }
    }

    /// <summary>Renews the rows at the top; those beyond one page's limit were loaded by hand and stay as they are.</summary>
    private async Task RefreshAsync()
    {
        if (_items is not { Count: > PageRequest.MaxLimit } all)
        {
            await LoadAsync();
            return;
        }

        var result = await runService.ListAsync(
            await ActorAsync(),
            _filter ?? new RunFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            Left
        );
        if (result.IsOk)
        {
            var fresh = result.Value.Items.Select(run => run.Id).ToHashSet();
            Show([.. result.Value.Items, .. all.Where(run => !fresh.Contains(run.Id))], _next);
        }
    }

    private void SetSince(string word) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(
                new Dictionary<string, object?>
                {
                    ["since"] = Empty(word),
                    ["from"] = null,
                    ["to"] = null,
                }
            )
        );

    private void SetDays((DateTime? From, DateTime? To) days) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(
                new Dictionary<string, object?> { ["from"] = RunTimes.ToWord(days.From), ["to"] = RunTimes.ToWord(days.To) }
            )
        );

    private void Set(string filter, ChangeEventArgs change)
    {
        var name = filter == nameof(WorkflowId) ? "workflow" : filter.ToLowerInvariant();
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, Empty(change.Value as string)));
    }
}
