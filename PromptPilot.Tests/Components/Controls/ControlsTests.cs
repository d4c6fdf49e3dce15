using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Tests.Components.Controls;

public class ControlsTests : ComponentTest
{
    [Theory]
    [InlineData(RunStatus.Queued, "Queued")]
    [InlineData(RunStatus.Running, "Running")]
    [InlineData(RunStatus.Waiting, "Waiting")]
    [InlineData(RunStatus.Succeeded, "Succeeded")]
    [InlineData(RunStatus.Failed, "Failed")]
    [InlineData(RunStatus.Cancelled, "Cancelled")]
    [InlineData(RunStatus.TimedOut, "Timed out")]
    public void StatusChip_OfARun_HasSignAndWord(RunStatus status, string word)
    {
        var chip = Render<StatusChip>(p => p.Add(c => c.Run, status));

        chip.Find(".chip-icon").TextContent.Should().NotBeEmpty();
        chip.Find(".chip").TextContent.Should().EndWith(word);
    }

    [Fact]
    public void Icon_WithoutAComponent_IsDrawnAsMudIconDrawsIt()
    {
        var drawn = Render(Icon.Of(MudBlazor.Icons.Material.Outlined.Home));

        drawn.MarkupMatches(Render<MudBlazor.MudIcon>(p => p.Add(c => c.Icon, MudBlazor.Icons.Material.Outlined.Home)).Markup);
    }

    [Fact]
    public void StatusChip_OfStepAndWorkflow_SaysTheirWords()
    {
        Render<StatusChip>(p => p.Add(c => c.Step, StepStatus.Skipped)).Find(".chip").TextContent.Should().EndWith("Skipped");
        Render<StatusChip>(p => p.Add(c => c.Workflow, WorkflowStatus.Published).Add(c => c.Detail, "v7"))
            .Find(".chip.ok")
            .TextContent.Should()
            .EndWith("Published v7");
    }

    [Fact]
    public void PageHead_ShowsPathTitleAndSlots()
    {
        var head = Render<PageHead>(p =>
            p.Add(h => h.Title, "Digest")
                .Add(h => h.Path, [("Prompts", "prompts"), ("Digest", null)])
                .Add(h => h.Chips, "<i>chip</i>")
                .Add(h => h.Facts, "<i>fact</i>")
                .Add(h => h.Actions, "<button>Save</button>")
        );

        head.Find("h1").TextContent.Should().Be("Digest");
        head.Find("nav a").GetAttribute("href").Should().Be("prompts");
        head.Find("[aria-current=page]").TextContent.Should().Be("Digest");
        head.Find(".page-actions button").TextContent.Should().Be("Save");
        head.FindAll("i").Should().HaveCount(2);
    }

    [Fact]
    public void Rating_IsALabeledRadioGroupThatTellsTheChoice()
    {
        var chosen = 0;
        var rating = Render<Rating>(p =>
            p.Add(r => r.Value, 2).Add(r => r.Label, "Rate themes").Add(r => r.ValueChanged, value => chosen = value)
        );

        rating.Find("fieldset legend").TextContent.Should().Be("Rate themes");
        var stars = rating.FindAll("input[type=radio]");
        stars.Should().HaveCount(5);
        stars.Select(star => star.GetAttribute("name")).Distinct().Should().ContainSingle();
        stars.Single(star => star.HasAttribute("checked")).GetAttribute("value").Should().Be("2");
        stars[3].Change("4");
        chosen.Should().Be(4);
    }

    [Fact]
    public void TagsInput_EnterAddsAndTheCrossRemoves()
    {
        IReadOnlyList<string> tags = ["draft"];
        var input = Render<TagsInput>(p => p.Add(t => t.Value, tags).Add(t => t.ValueChanged, value => tags = value));

        input.Find("input").Input("weekly");
        input.Find("input").KeyDown("Enter");
        tags.Should().Equal("draft", "weekly");

        input.Find(".tag button").Click();
        tags.Should().BeEmpty();
    }

    [Fact]
    public void FileDrop_WithTwoFiles_AsksForOne()
    {
        var drop = Render<FileDrop>();

        drop.FindComponent<InputFile>()
            .UploadFiles(InputFileContent.CreateFromText("a", "a.txt"), InputFileContent.CreateFromText("b", "b.txt"));

        drop.Find("[role=alert]").TextContent.Should().Be("This field accepts one file. Choose one.");
    }

    [Fact]
    public void RelativeTime_HasTheExactInstantForTheBrowser()
    {
        var time = Render<RelativeTime>(p => p.Add(t => t.At, Now.AddMinutes(-3))).Find("time");

        time.TextContent.Should().Be("3 minutes ago");
        time.GetAttribute("datetime").Should().Be("2026-03-04T08:57:00.000Z");
    }

    [Fact]
    public void ErrorState_WithRetry_TellsTheProblemAndRetries()
    {
        var retried = false;
        var state = Render<ErrorState>(p =>
            p.Add(e => e.Problem, Problem.NotFound("run")).Add(e => e.OnRetry, EventCallback.Factory.Create(this, () => retried = true))
        );

        state.Find("[role=alert]").TextContent.Should().Contain("There is no such run");
        state.Find("[data-testid=retry]").Click();
        retried.Should().BeTrue();
    }
}
