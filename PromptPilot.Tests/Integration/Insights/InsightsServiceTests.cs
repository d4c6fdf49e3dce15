using System.Text;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Insights;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Insights;

/// <summary>What a report says of runs, calls and ratings, and to whom.</summary>
public sealed class InsightsServiceTests : IAsyncLifetime
{
    private static readonly DateTime Today = RollupWorld.Now.Date;

    private RollupWorld _world = null!;
    private string _notes = "";
    private string _digest = "";
    private TestPerson _viewer = null!;
    private TestPerson _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await RollupWorld.CreateAsync();
        (_notes, _digest) = (await _world.AddWorkflowAsync("Notes"), await _world.AddWorkflowAsync("Digest"));
        _viewer = await _world.Database.AddPersonAsync(Role.Viewer);
        _admin = await _world.Database.AddPersonAsync(Role.Admin);
        await AddAsync(_notes, Today.AddHours(3), RunStatus.Succeeded, _viewer.Id, durationMs: 1000, cost: 2_000_000_000);
        await AddAsync(_notes, Today.AddHours(3.5), RunStatus.Failed, _admin.Id, durationMs: 9000, cost: 1_000_000_000);
        await AddAsync(_notes, Today.AddDays(-1), RunStatus.Cancelled, _admin.Id, durationMs: null);
        await AddAsync(_digest, Today.AddHours(5), RunStatus.Succeeded, null, TriggerType.Scheduled, durationMs: 4000);
        await AddAsync(_digest, Today.AddDays(-9), RunStatus.Succeeded, null, TriggerType.Scheduled, durationMs: 4000);
        await _world.CountAsync();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Report_ByWorkflow_HasTotalsPointsAndRows()
    {
        var report = await FindAsync(new InsightsFilter(Today.AddDays(-6), Compare: true));

        report.Unit.Should().Be(InsightsUnit.Day);
        report.Points.Should().HaveCount(7);
        report.Points[^1].Should().Match<InsightsPoint>(point => point.Start == Today && point.Figures.Count == 3);
        report.Totals.Should().Match<InsightsFigures>(all => all.Count == 4 && all.Succeeded == 2 && all.Failed == 1 && all.Cancelled == 1);
        report.Totals.SuccessRate.Should().BeApproximately(2.0 / 3, 1e-9, "a cancelled run is neither");
        report.Totals.Cost.Should().Be(3);
        ((double)report.Totals.LatencyP95Ms!.Value).Should().BeApproximately(4000, 400, "only those that succeeded");
        report.Previous!.Count.Should().Be(1);
        report.Rows.Select(row => (row.Name, row.Figures.Count)).Should().Equal(("Notes", 3), ("Digest", 1));
        report.Rows[0].Counts.Should().Equal(0, 0, 0, 0, 0, 1, 2);
        report.Counted.Should().Be(1);
    }

    [Fact]
    public async Task Report_ByHour_HasAPointForEachHour()
    {
        var report = await FindAsync(new InsightsFilter(Today.AddHours(3).AddMinutes(10), Today.AddHours(5).AddMinutes(10)));

        report.Points.Select(point => (point.Start.Hour, point.Figures.Count)).Should().Equal((3, 2), (4, 0), (5, 1));
    }

    [Fact]
    public async Task Report_ByPerson_TellsTheCostToAdminsOnly()
    {
        var filter = new InsightsFilter(Today.AddDays(-6), GroupBy: InsightsGroup.Person);

        var seen = await FindAsync(filter);
        var all = await FindAsync(filter, _admin);

        seen.Rows.Select(row => row.Figures.Count).Should().Equal(2, 1, 1);
        seen.Rows.Should().OnlyContain(row => row.Figures.Cost == null && row.Figures.InputTokens == null);
        seen.Totals.Cost.Should().Be(3, "what all cost together is no secret");
        all.Rows.Single(row => row.Id == _viewer.Id).Figures.Cost.Should().Be(2);
        all.Rows.Single(row => row.Id.Length == 0).Name.Should().Be("No person");
    }

    [Fact]
    public async Task Report_OfOnePerson_TellsTheCostToAdminsOnly()
    {
        var filter = new InsightsFilter(Today.AddDays(-6), PersonId: _viewer.Id, Compare: true);

        var seen = await FindAsync(filter);

        seen.Totals.Count.Should().Be(1);
        seen.Totals.Cost.Should().BeNull();
        seen.Previous!.Cost.Should().BeNull();
        seen.Points.Should().OnlyContain(point => point.Figures.Cost == null);
        seen.Rows.Should().OnlyContain(row => row.Figures.Cost == null);
        seen.CostByModel.Should().BeEmpty("calls do not know who started their run");
        (await FindAsync(filter, _admin)).Totals.Cost.Should().Be(2);
    }

    [Fact]
    public async Task Report_ByPromptVersion_IsOfCalls_WithRatings()
    {
        var prompt = new Prompt
        {
            Name = "Summary",
            NormalizedName = "SUMMARY",
            Content = "x",
        };
        var version = new PromptVersion
        {
            PromptId = prompt.Id,
            Number = 1,
            Version = "2.1.0",
            Name = "Summary",
            Content = "x",
        };
        var profile = new ModelProfile
        {
            Name = "Fast",
            NormalizedName = "FAST",
            Provider = Providers.OpenAICompatible,
            Model = "fake",
        };
        await _world.Database.SaveAsync(prompt, version, profile);
        var logs = Enumerable
            .Range(0, 3)
            .Select(i => RollupWorld.Log(null, Today, version.Id, profile.Id, i == 0 ? ExecutionStatus.Timeout : ExecutionStatus.Success))
            .ToArray();
        await _world.Database.SaveAsync([.. logs]);
        await _world.Database.Get<FeedbackService>().PutAsync(new Actor.Person(_admin.Id), logs[1].Id, new FeedbackInput(4, "", []), Token);
        await _world.CountAsync();

        var report = await FindAsync(new InsightsFilter(Today, GroupBy: InsightsGroup.PromptVersion));

        var row = report.Rows.Should().ContainSingle().Subject;
        row.Should().Match<InsightsRow>(one => one.Name == "Summary 2.1.0" && one.PromptId == prompt.Id && !one.IsDeleted);
        row.Figures.Should()
            .Match<InsightsFigures>(one => one.Count == 3 && one.TimedOut == 1 && one.Ratings == 1 && one.AverageRating == 4);
        report.CostByModel.Should().ContainSingle().Which.Name.Should().Be("Fast");
        report
            .RatingByVersion.Should()
            .ContainSingle()
            .Which.Should()
            .Match<VersionRating>(one => one.IsFew && one.Low == 1 && one.High == 5);
    }

    [Theory]
    [InlineData(InsightsGroup.Workflow, true, false, "groupBy")]
    [InlineData(InsightsGroup.Model, false, true, "groupBy")]
    public async Task Report_WithAFilterThatItsGroupsDoNotHave_IsRefused(InsightsGroup group, bool byModel, bool byPerson, string field)
    {
        var filter = new InsightsFilter(GroupBy: group, ModelProfileId: byModel ? "m" : null, PersonId: byPerson ? "p" : null);

        var report = await _world.Insights.FindAsync(new Actor.Person(_viewer.Id), filter, Token);

        report.Problem!.Errors.Should().ContainSingle().Which.Field.Should().Be(field);
    }

    [Fact]
    public void Range_OutsideTheLimits_IsRefused()
    {
        var now = RollupWorld.Now;
        foreach (
            var filter in (InsightsFilter[])[new(now, now), new(now.AddDays(-368), now), new(now.AddDays(-15), now, InsightsUnit.Hour)]
        )
        {
            InsightsRange.Of(filter, now).IsOk.Should().BeFalse();
        }

        InsightsRange.Of(new InsightsFilter(now.AddDays(-366).AddMilliseconds(-5), now), now).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Export_HasTheTables()
    {
        var filter = new InsightsFilter(Today.AddDays(-1), Unit: InsightsUnit.Day);

        var groups = await ExportAsync(filter, InsightsTable.Groups);
        var series = await ExportAsync(filter, InsightsTable.Series);

        groups[0].Should().StartWith("id,name,count,succeeded");
        groups[1].Should().StartWith($"{_notes},Notes,3,1,1,1,0,0.5,");
        series.Should().HaveCount(3);
        series[2].Should().StartWith($"{Today:yyyy-MM-dd}T00:00:00.000Z,3,2,1");
    }

    private async Task<string[]> ExportAsync(InsightsFilter filter, InsightsTable table) =>
        Encoding
            .UTF8.GetString((await _world.Insights.ExportAsync(new Actor.Person(_viewer.Id), filter, table, Token)).Value.Content)
            .TrimStart('\uFEFF')
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task<InsightsReport> FindAsync(InsightsFilter filter, TestPerson? person = null)
    {
        var report = await _world.Insights.FindAsync(new Actor.Person((person ?? _viewer).Id), filter, Token);
        report.Problem.Should().BeNull();
        return report.Value;
    }

    private async Task AddAsync(
        string workflow,
        DateTime at,
        RunStatus status,
        string? by,
        TriggerType trigger = TriggerType.Manual,
        long? durationMs = null,
        long cost = 0
    )
    {
        var (run, events) = RollupWorld.Run(workflow, at, status, by, trigger, durationMs, cost);
        await _world.Database.SaveAsync(run);
        await _world.Database.SaveAsync([.. events]);
    }
}
