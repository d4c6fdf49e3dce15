using PromptPilot.Core.Insights;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Feedback;
using PromptPilot.Web.Features.Insights.Charts;

namespace PromptPilot.Web.Features.Insights;

/// <summary>Metrics over time and by group, with range and filters in the URL and a CSV export.</summary>
public sealed partial class InsightsPage(PageServices services, InsightsService insights, UserService users, FeedbackChoices choices)
    : ListPage<InsightsQuery, InsightsRow>(services)
{
    /// <summary>Bars in the two small charts. The table has all rows.</summary>
    private const int MostShown = 8;

    private InsightsReport? _report;
    private IReadOnlyList<PersonName> _people = [];

    private string CountName => Filter.IsOfRuns ? "Runs" : "Calls";

    private IReadOnlyList<string> Names => [.. _report!.Points.Select(point => InsightsText.Point(point.Start, _report.Unit))];

    private string? FirstDay => _report is null ? Filter.From : InsightsQuery.Word(_report.From);

    private string? LastDay => _report is null ? Filter.To : InsightsQuery.Word(_report.To.AddTicks(-1));

    private IReadOnlyList<ChartSeries> ByStatus =>
        [
            Series("Succeeded", "ok", figures => figures.Succeeded),
            Series("Failed", "bad", figures => figures.Failed),
            Series("Timed out", "warn", figures => figures.TimedOut),
            .. Filter.IsOfRuns ? [Series("Cancelled", "gray", figures => figures.Cancelled)] : Array.Empty<ChartSeries>(),
        ];

    private IReadOnlyList<ChartSeries> Latency =>
        [Series("p50", "main", figures => figures.LatencyP50Ms), Series("p95", "warn", figures => figures.LatencyP95Ms)];

    private IReadOnlyList<ChartSeries> Cost => [Series("Cost", "main", figures => (double?)figures.Cost)];

    private IReadOnlyList<ChartSeries> TokensUsed =>
        [Series("Input", "main", figures => figures.InputTokens), Series("Output", "warn", figures => figures.OutputTokens)];

    private IReadOnlyList<(string Name, double Share, string Value)> CostByModel
    {
        get
        {
            var most = _report!.CostByModel.Select(model => model.Cost).DefaultIfEmpty().Max();
            return
            [
                .. _report
                    .CostByModel.Take(MostShown)
                    .Select(model => (model.Name, most == 0 ? 0 : (double)(model.Cost / most), InsightsText.Cost(model.Cost))),
            ];
        }
    }

    protected override string IdOf(InsightsRow item) => item.Id;

    protected override async Task<Result<Page<InsightsRow>>> ListAsync(InsightsQuery filter, PageRequest request)
    {
        var report = await insights.FindAsync(await ActorAsync(), filter.ToFilter(Time.GetUtcNow().UtcDateTime), Left);
        if (report.IsOk && filter == Filter)
        {
            _report = report.Value;
        }

        return report.Map(found => new Page<InsightsRow>(found.Rows, null));
    }

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var actor = await ActorAsync();
        await choices.LoadAsync(actor, Left);
        var people = await users.ListNamesAsync(actor, Left);
        _people = people.IsOk ? people.Value : [];
    }

    private ChartSeries Series(string name, string tone, Func<InsightsFigures, double?> value) =>
        new(name, tone, [.. _report!.Points.Select(point => value(point.Figures))]);

    private string ExportUrl(string table)
    {
        var filter = Filter.ToFilter(Time.GetUtcNow().UtcDateTime);
        return QueryRecord<InsightsExport>.Write("insights/export.csv", InsightsExport.Of(filter, table));
    }

    private void SetDays(string? first, string? last) => Set(Filter with { Range = null, Unit = null, From = first, To = last });

    private string? HrefOf(InsightsRow row) =>
        row.IsDeleted
            ? null
            : Filter.GroupBy switch
            {
                InsightsGroup.Workflow => $"workflows/{row.Id}",
                InsightsGroup.PromptVersion => $"prompts/{row.PromptId}",
                InsightsGroup.Person when row.Id.Length > 0 => Address(Filter.By(InsightsGroup.Workflow) with { Person = row.Id }),
                InsightsGroup.Trigger => Address(Filter.By(InsightsGroup.Workflow) with { Trigger = row.Id }),
                InsightsGroup.Model => Address(Filter.By(InsightsGroup.PromptVersion) with { Model = row.Id }),
                _ => null,
            };

    private Task RebuildAsync() =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    "Rebuild metrics?",
                    "All metrics are counted again from the stored runs, calls and ratings, and are too low until that is done. "
                        + "Metrics of deleted runs are kept.",
                    "Rebuild"
                )
            )
            {
                return;
            }

            var done = await insights.RebuildAsync(await ActorAsync(), Left);
            Problem = done.Problem;
            if (done.IsOk)
            {
                await LoadAsync();
            }
        });
}
