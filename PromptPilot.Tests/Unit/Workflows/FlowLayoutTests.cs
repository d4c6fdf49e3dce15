using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Tests.Unit.Workflows;

public class FlowLayoutTests
{
    private static readonly FlowLayout Diamond = FlowLayout.Of(
        ["text"],
        [Step("a", "text"), Step("b", "a"), Step("c", "a | upcase"), Step("d", "b", "c")]
    );

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
        Diamond
            .Lines.Select(line => line.Meaning)
            .Should()
            .Equal("a reads text: v0 ← text", "b reads a: v0 ← a", "c reads a: v0 ← a | upcase", "d reads b: v0 ← b", "d reads c: v1 ← c");

    [Fact]
    public void Of_AnyFlow_KeepsAllBoxesInside() =>
        Diamond
            .Boxes.Should()
            .OnlyContain(box => box.X >= 0 && box.X + FlowLayout.BoxWidth <= Diamond.Width && box.Y + Diamond.BoxHeight <= Diamond.Height);

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
    public void Of_ReadingOverALevel_PassesBesideTheBoxBetween()
    {
        var layout = FlowLayout.Of([], [Step("a", "1"), Step("b", "a"), Step("c", "a", "b")]);

        var trunk = layout.Lines.Should().ContainSingle(line => line.Meaning == null).Subject;
        trunk.Key.Should().Be("a|2");
        var x = double.Parse(
            trunk.Path[(trunk.Path.LastIndexOf('L') + 1)..].Split(',')[0],
            System.Globalization.CultureInfo.InvariantCulture
        );
        (x < layout.Boxes[1].X || x > layout.Boxes[1].X + FlowLayout.BoxWidth).Should().BeTrue();
    }

    [Fact]
    public void Of_AHundredSteps_IsDrawnInMillisecondsWithKeysThatStay()
    {
        List<FlowStep> steps =
        [
            .. Enumerable.Range(0, 100).Select(i => Step($"s{i}", i < 4 ? "text" : $"s{i - 4}", i < 8 ? "text" : $"s{i - 7} | upcase")),
        ];
        var layout = FlowLayout.Of(["text"], steps);
        var took = Enumerable
            .Range(0, 5)
            .Min(_ =>
            {
                var watch = System.Diagnostics.Stopwatch.StartNew();
                layout = FlowLayout.Of(["text"], steps);
                return watch.ElapsedMilliseconds;
            });
        took.Should().BeLessThan(30, "it is drawn again with each change");

        layout.Lines.Select(line => line.Key).Should().OnlyHaveUniqueItems();
        FlowLayout.Of(["text"], [.. steps.Take(99), Step("s99", "s1")]).Lines.Select(line => line.Key).Should().Contain("s90>s94");
    }

    [Fact]
    public void Of_Nothing_IsEmpty() =>
        FlowLayout.Of([], []).Should().Match<FlowLayout>(layout => layout.Boxes.Count == 0 && layout.InputLabel == "no inputs");

    private static FlowStep Step(string key, params string[] expressions) =>
        new(key, "Prompt · Model", [.. expressions.Select((text, i) => new FlowReading($"v{i}", text))]);
}
