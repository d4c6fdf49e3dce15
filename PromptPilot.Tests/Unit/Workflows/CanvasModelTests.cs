using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Tests.Unit.Workflows;

public class CanvasModelTests
{
    [Fact]
    public void Of_AReadingThatSkipsALevel_IsATagBesideTheCard_WithoutALine()
    {
        var model = Of(["text", "tone"], Step("a", "text"), Step("b", "a", "tone"), Step("c", "b", "a"));

        model.Levels.Should().Be(3);
        model.Lines.Select(line => line.Key).Should().Equal("inputs>a", "a>b", "b>c");
        model.Nodes[1].Tags.Should().Equal(new CanvasTag("inputs", "tone"));
        model.Nodes[2].Tags.Should().Equal(new CanvasTag("a", "a"));
    }

    [Fact]
    public void Of_CardsWithTags_LeavesRoomForThem()
    {
        var model = Of(["text"], Step("a", "text"), Step("b", "a", "text"), Step("c", "a", "text"));

        model.Nodes[1].Y.Should().Be(model.Nodes[2].Y);
        Math.Abs(model.Nodes[2].X - model.Nodes[1].X)
            .Should()
            .BeGreaterThan(CanvasModel.CardWidth + 60, "the tag of the left one is between");
        model.Nodes.Max(node => node.X + CanvasModel.CardWidth).Should().BeLessThan(model.Width);
    }

    [Fact]
    public void Of_SeveralLinesToACard_ArriveSideBySideInTheOrderOfTheirSources()
    {
        var model = Of(["text"], Step("a", "text"), Step("b", "text"), Step("c", "text"), Step("d", "a", "b", "c"));

        var ends = model
            .Lines.Where(line => line.To == "d")
            .OrderBy(line => model.Nodes.Single(node => node.Key == line.From).X)
            .Select(line => double.Parse(line.Path.Split(' ')[^1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture))
            .ToList();
        ends.Should().HaveCount(3).And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void Of_OneStepMore_LeavesTheOthersInTheirOrder()
    {
        FlowStep[] steps = [Step("a", "text"), Step("b", "text"), Step("c", "text"), Step("d", "b")];
        var before = Of(["text"], steps);
        var after = CanvasModel.Of(new DesignPicture(["text"], [.. steps, Step("e", "a")]), isLive: false, before);

        string[] Row(CanvasModel model) => [.. model.Nodes.Take(3).OrderBy(node => node.X).Select(node => node.Key)];
        Row(after).Should().Equal(Row(before));
        after.Nodes.Take(4).Select(node => node.Y).Should().Equal(before.Nodes.Select(node => node.Y));
    }

    [Fact]
    public void Of_AnotherExpressionOverTheSameKeys_IsTheSameDrawing()
    {
        var before = Of(["text"], Step("a", "text"), Step("b", "a"));

        CanvasModel
            .Of(new DesignPicture(["text"], [Step("a", "text | upcase"), Step("b", "a")]), isLive: false, before)
            .Should()
            .BeSameAs(before);
        CanvasModel.Of(new DesignPicture(["text"], [Step("a", "text")]), isLive: false, before).Nodes.Should().ContainSingle();
    }

    [Fact]
    public void Holding_WhatIsTypedAndCannotBeReadYet_KeepsWhatItReadBefore()
    {
        var before = new DesignPicture(["text"], [Step("a", "text"), Step("b", "a", "text")]);
        var now = new DesignPicture(["text"], [Step("a", "text"), Step("b", "ax", "text | upcase")]);
        IReadOnlyList<WorkflowProblem> problems = [new("steps[1].inputMapping.v0", "There is no key “ax” here.", true)];

        now.Holding(before, "b", problems).Steps[1].Readings.SelectMany(reading => reading.Keys).Should().BeEquivalentTo("a", "text");
        now.Holding(before, "a", problems).Should().BeSameAs(now, "nobody types there");
        now.Holding(before, "b", []).Should().BeSameAs(now);
    }

    [Fact]
    public void Estimate_IsTheLongestPath_AndTheCostOfAllSteps()
    {
        FlowStep Took(string key, long milliseconds, params string[] reads) =>
            Step(key, reads) with
            {
                Figures = new StepFigures(milliseconds, 1_000_000),
            };
        var picture = new DesignPicture(
            ["text"],
            [Took("a", 4000, "text"), Took("b", 3000, "text"), Took("c", 6000, "a", "b"), Step("d", "c")]
        );

        RunEstimate.Of(picture).Should().Be(new RunEstimate(10_000, 3_000_000, 1));
        RunEstimate.Of(picture)!.ToString().Should().Be("≈ 10.0 s · ≈ $0.003 per run");
        RunEstimate.Of(new DesignPicture(["text"], [Step("d", "text")])).Should().BeNull();
    }

    [Fact]
    public void Of_NoSteps_IsTheInputsAlone() =>
        Of(["text"]).Should().Match<CanvasModel>(model => model.Nodes.Count == 0 && model.Levels == 0 && model.Height > 0);

    private static CanvasModel Of(IReadOnlyList<string> inputs, params FlowStep[] steps) =>
        CanvasModel.Of(new DesignPicture(inputs, steps), isLive: false, null);

    private static FlowStep Step(string key, params string[] expressions) =>
        new(key, "Prompt · Model", [.. expressions.Select((text, i) => new FlowReading($"v{i}", text))]);
}
