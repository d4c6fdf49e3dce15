using Bunit;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.List;

namespace PromptPilot.Tests.Components.Runs;

public class RunListComponentsTests : ComponentTest
{
    private static readonly RunListItem[] Items =
    [
        Item("one"),
        Item("two") with
        {
            FinishedAt = null,
            Status = RunStatus.Running,
        },
        Item("three") with
        {
            Pinned = true,
        },
    ];

    [Fact]
    public void RunsTable_WithSelection_SelectsWhatHasEnded()
    {
        var selection = new RunSelection();
        var table = Table(selection);

        table.FindAll("[data-testid=select-run]").Select(box => box.HasAttribute("disabled")).Should().Equal(false, true, false);
        table.FindAll("[data-testid=select-run]")[2].Change(true);
        selection.In(Items).Should().Equal("three");

        table.Find("[data-testid=select-all]").Change(true);
        selection.In(Items).Should().Equal("one", "three");
        table.Find("[data-testid=select-all]").Change(false);
        selection.Count.Should().Be(0);
    }

    [Fact]
    public void RunsTable_NamesEachCheckboxAndMarksPins()
    {
        var table = Table(new RunSelection());

        table
            .FindAll("[data-testid=select-run]")
            .Select(box => box.GetAttribute("aria-label"))
            .Should()
            .Equal("Select run one of Digest", "Select run two of Digest", "Select run three of Digest");
        table
            .FindAll("[data-testid=run-row]")
            .Select(row => row.QuerySelector("[data-testid=pinned]") is not null)
            .Should()
            .Equal(false, false, true);
        Table(null).FindAll("input").Should().BeEmpty("who may not delete has nothing to select for");
    }

    [Fact]
    public void Selection_OfRowsThatAreNoLongerShown_IsLetGo()
    {
        var selection = new RunSelection();
        selection.Set(Items[0], true);
        selection.Set(Items[1], true);
        selection.Set(Items[2], true);
        selection.HasAll(Items).Should().BeTrue();

        selection.Keep(Items[1..]);

        selection.In(Items).Should().Equal("three");
    }

    [Fact]
    public void DeletionReport_SaysWhatWasKeptAndWhy()
    {
        var report = Render<DeletionReport>(p =>
            p.Add(r => r.Deleted, new DeletedRuns(3, [new KeptRun("x", "This run is pinned. Unpin it first.")]))
        );

        report.Find("p").TextContent.Should().Be("3 runs deleted, 1 kept:");
        report.Find("li").TextContent.Should().Be("run x: This run is pinned. Unpin it first.");
        report.Find("li a").GetAttribute("href").Should().Be("runs/x");
    }

    private IRenderedComponent<RunsTable> Table(RunSelection? selection) =>
        Render<RunsTable>(p => p.Add(t => t.Items, Items).Add(t => t.Selection, selection));

    private static RunListItem Item(string id) =>
        new(id, "w", "Digest", 1, RunStatus.Succeeded, TriggerType.Manual, null, "Ada", Now, Now, Now, 10, 1, 1, 0, null, null);
}
