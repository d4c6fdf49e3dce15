using PromptPilot.Core.Runs;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Prompts;
using PromptPilot.Web.Features.Prompts.List;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.List;

namespace PromptPilot.Tests.Unit.Shared;

public class QueryRecordTests
{
    private static readonly DateTime Now = new(2026, 3, 4, 9, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Read_TakesItsOwnNames_InAnyCase_AndNoEmptyText()
    {
        var query = QueryRecord<RunsQuery>.Read("http://portal.test/runs?TEXT=%20notes%20&status=Failed&by=&other=1");
        query.Should().Be(new RunsQuery(Text: "notes", Status: "Failed"));
        query.IsFiltered.Should().BeTrue();
    }

    [Fact]
    public void Write_ThenRead_GivesTheSame_ForTextsThatNeedEscapes()
    {
        var query = new PromptsQuery("a&b=c d/é#?%", null, "x+y", null, null, "true", null, "cursor==");
        QueryRecord<PromptsQuery>.Read("http://portal.test/" + QueryRecord<PromptsQuery>.Write("prompts", query)).Should().Be(query);
    }

    [Fact]
    public void Write_WithoutAFilter_IsThePath() =>
        QueryRecord<RunsQuery>.Write("runs", QueryRecord<RunsQuery>.Read("http://portal.test/runs")).Should().Be("runs");

    [Fact]
    public void RunsQuery_WithWordsThatMeanNothing_FiltersNothing() =>
        QueryRecord<RunsQuery>
            .Read("http://portal.test/runs?status=7&trigger=sun&pinned=maybe&draft=2&since=never&from=2026-01-01")
            .ToFilter(Now)
            .Should()
            .Be(new RunFilter());

    [Fact]
    public void RunsQuery_WithKnownWords_FiltersByThem() =>
        QueryRecord<RunsQuery>
            .Read("http://portal.test/runs?status=failed&trigger=manual&pinned=true&since=day")
            .ToFilter(Now)
            .Should()
            .Be(new RunFilter(Status: RunStatus.Failed, Trigger: TriggerType.Manual, Pinned: true) { From = Now.AddDays(-1) });
}
