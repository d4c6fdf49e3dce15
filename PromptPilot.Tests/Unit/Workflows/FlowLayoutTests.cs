using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Tests.Unit.Workflows;

public class FlowLayoutTests
{
    private static readonly FlowLayout Diamond = FlowLayout.Of(["text"], [Step("a", "text"), Step("b", "a"), Step("c", "a | upcase"), Step("d", "b", "c")]);

    [Fact]
    public void Of_Diamond_PutsParallelStepsSideBySide()
    {
        Diamond.Levels.Should().Be(3);
        Diamond.Boxes[1].Y.Should().Be(Diamond.Boxes[2].Y);
        (Diamond.Boxes[2].X - Diamond.Boxes[1].X).Should().BeGreaterThan(FlowLayout.BoxWidth);
        Diamond.Boxes[3].Y.Should().BeGreaterThan(Diamond.Boxes[1].Y);
    }

    [Fact]
    public void Of_Diamond_DrawsWhatIsRead() =>
        Diamond.Lines.Select(line => line.Meaning).Should().Equal("a reads text", "b reads a", "c reads a", "d reads b", "d reads c");

    [Fact]
    public void Of_AnyFlow_KeepsAllBoxesInside() =>
        Diamond.Boxes.Should().OnlyContain(box => box.X >= 0 && box.X + FlowLayout.BoxWidth <= Diamond.Width && box.Y + Diamond.BoxHeight <= Diamond.Height);

    [Fact]
    public void Of_MarkedSteps_HasHigherBoxesThatDoNotOverlap()
    {
        var layout = FlowLayout.Of(["text"], [Step("a", "text"), Step("b", "a") with { Marks = ["when"] }]);

        layout.BoxHeight.Should().BeGreaterThan(Diamond.BoxHeight);
        layout.Boxes[1].Y.Should().BeGreaterThan(layout.Boxes[0].Y + layout.BoxHeight);
        (layout.Boxes[1].Y + layout.BoxHeight).Should().BeLessThanOrEqualTo(layout.Height);
    }

    [Fact]
    public void Of_BrokenExpression_DrawsNoLine() => FlowLayout.Of(["text"], [Step("a", "text |")]).Boxes.Should().ContainSingle();

    [Fact]
    public void Of_Nothing_IsEmpty() => FlowLayout.Of([], []).Should().Match<FlowLayout>(layout => layout.Boxes.Count == 0 && layout.InputLabel == "no inputs");

    private static FlowStep Step(string key, params string[] expressions) => new(key, "Prompt · Model", expressions);
}
