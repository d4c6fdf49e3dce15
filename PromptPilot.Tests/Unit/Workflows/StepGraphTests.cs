using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Workflows;

public class StepGraphTests
{
    [Fact]
    public void Of_Chain_HasOneStepALevel() =>
        Of(Step("summary", ("text", "notes")), Step("actions", ("text", "summary")), Step("mail", ("text", "actions | truncate: 500")))
            .Select(n => n.Level)
            .Should()
            .Equal(1, 2, 3);

    [Fact]
    public void Of_Diamond_PutsTheSidesOnOneLevel()
    {
        var nodes = Of(
            Step("a", ("text", "notes")),
            Step("b", ("text", "a")),
            Step("c", ("text", "a.title")),
            Step("d", ("left", "b"), ("right", "c"), ("tone", "'formal'"))
        );

        nodes.Select(n => n.Level).Should().Equal(1, 2, 2, 3);
        nodes[3].Reads.Should().Equal("b", "c");
        nodes[1].Reads.Should().Equal("a");
        nodes[0].Reads.Should().BeEmpty();
    }

    [Fact]
    public void Of_StepThatReadsALaterOne_IgnoresIt() =>
        Of(Step("a", ("text", "b")), Step("b", ("text", "notes"))).Should().OnlyContain(n => n.Reads.Count == 0);

    [Fact]
    public void Of_StepsOutOfOrder_SortsThem()
    {
        var first = Step("a", ("text", "notes")) with { Order = 1 };
        var second = Step("b", ("text", "a")) with { Order = 2 };

        StepGraph.Of([second, first]).Select(n => n.OutputKey).Should().Equal("a", "b");
    }

    private static IReadOnlyList<StepNode> Of(params StepDefinition[] steps) =>
        StepGraph.Of([.. steps.Select((s, i) => s with { Order = i + 1 })]);

    private static StepDefinition Step(string key, params (string Variable, string Expression)[] mapping) =>
        new("id-" + key, "prompt", "version", null, "model", mapping.ToDictionary(m => m.Variable, m => m.Expression), key, 0);
}
