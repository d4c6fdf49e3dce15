using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Tests.Unit.Workflows;

public class WorkflowProblemsTests
{
    private static readonly WorkflowFacts Facts = new(
        new Dictionary<string, PromptFacts>
        {
            ["p"] = new(
                "p",
                "Summary",
                "p2",
                new Dictionary<string, string> { ["1.0.0"] = "p1", ["2.0.0"] = "p2" },
                new Dictionary<string, string> { ["production"] = "p1" }
            ),
        },
        new Dictionary<string, PromptVersionFacts>
        {
            ["p1"] = new("p1", "1.0.0", ["text"], []),
            ["p2"] = new(
                "p2",
                "2.0.0",
                ["text", "tone", "length"],
                [
                    new VariableDefinition { Name = "tone", Default = AppJson.Text("warm") },
                    new VariableDefinition { Name = "length", Required = false },
                ]
            ),
        },
        new Dictionary<string, ModelFacts> { ["m"] = new("m", "Fast", true, []), ["off"] = new("off", "Old", false, []) }
    );

    [Fact]
    public void Find_SoundWorkflow_IsEmpty() => Find(Step("a", "text", "notes"), Step("b", "text", "a | upcase")).Should().BeEmpty();

    [Fact]
    public void Find_KeysOfTheRunContext_AreReadable() =>
        Find(Step("a", "text", "trigger.payload"), Step("b", "text", "run.id")).Should().BeEmpty();

    [Fact]
    public void Find_UnmappedMandatoryVariable_BlocksPublishingOnly() =>
        Only(Find(Step("a"))).Should().Match<WorkflowProblem>(p => p.Field == "steps[0].inputMapping.text" && !p.BlocksSaving);

    [Fact]
    public void Find_EmptyExpression_CountsAsUnmapped() => Only(Find(Step("a", "text", "  "))).BlocksSaving.Should().BeFalse();

    [Fact]
    public void Find_VariableThePromptLacks_BlocksPublishingOnly() =>
        Only(Find(Step("a", "text", "notes", "tne", "'x'")))
            .Should()
            .Match<WorkflowProblem>(p => p.Field == "steps[0].inputMapping.tne" && p.Message.Contains("“tone”") && !p.BlocksSaving);

    [Fact]
    public void Find_MappingOfALabeledVersion_LooksAtThatVersion() =>
        Only(Find(Step("a", "text", "notes", "tone", "'x'") with { PromptLabel = "production" }))
            .Field.Should()
            .Be("steps[0].inputMapping.tone");

    [Theory]
    [InlineData("nots", "Did you mean “notes”?")]
    [InlineData("b", "is the output of step 2, which runs later")]
    [InlineData("a", "is the output of this step")]
    public void Find_KeyThatCannotBeRead_SaysWhy(string expression, string message) =>
        Find(Step("a", "text", expression), Step("b", "text", "notes"))
            .Should()
            .ContainSingle()
            .Which.Should()
            .Match<WorkflowProblem>(p => p.Field == "steps[0].inputMapping.text" && p.Message.Contains(message) && p.BlocksSaving);

    [Fact]
    public void Find_BrokenExpression_GivesLineAndColumn() =>
        Find(Step("a", "text", "notes |"))
            .Should()
            .Contain(p => p.Field == "steps[0].inputMapping.text" && p.Line == 1 && p.Column > 0 && p.BlocksSaving);

    [Theory]
    [InlineData("notes", "is the name of an input")]
    [InlineData("b", "already uses “b”")]
    [InlineData("1summary", "start with a letter")]
    [InlineData("run", "reserved word")]
    [InlineData("upcase", "template filter")]
    [InlineData("", "Enter a name")]
    public void Find_WrongOutputKey_IsAtItsField(string key, string message) =>
        Only(Find(Step("b", "text", "notes"), Step(key, "text", "notes")))
            .Should()
            .Match<WorkflowProblem>(p => p.Field == "steps[1].outputKey" && p.Message.Contains(message) && p.BlocksSaving);

    [Fact]
    public void Find_UnknownReferences_AreAtTheirFields() =>
        Find(
                Step("a", "text", "notes") with
                {
                    PromptId = "x",
                },
                Step("b", "text", "notes") with
                {
                    Model = "x",
                },
                Step("c", "text", "notes") with
                {
                    PromptVersion = "1.0.1",
                },
                Step("d", "text", "notes") with
                {
                    PromptLabel = "prodution",
                },
                Step("e", "text", "notes") with
                {
                    PromptVersion = "1.0.0",
                    PromptLabel = "production",
                }
            )
            .Where(p => p.BlocksSaving)
            .Select(p => p.Field)
            .Should()
            .Equal("steps[0].promptId", "steps[1].model", "steps[2].promptVersion", "steps[3].promptLabel", "steps[4].promptLabel");

    [Fact]
    public void Find_DisabledProfile_BlocksPublishingOnly() =>
        Only(Find(Step("a", "text", "notes") with { Model = "off" })).BlocksSaving.Should().BeFalse();

    [Fact]
    public void Find_NoSteps_BlocksPublishingOnly() =>
        Only(Find()).Should().Match<WorkflowProblem>(p => p.Field == "steps" && !p.BlocksSaving);

    [Fact]
    public void Find_OrderGiven_CountsInsteadOfPosition() =>
        Find(Step("b", "text", "a") with { Order = 2 }, Step("a", "text", "notes") with { Order = 1 }).Should().BeEmpty();

    [Fact]
    public void Find_WrongInputs_AreAtTheirFields()
    {
        var content = new WorkflowContent(
            "w",
            [],
            [
                new WorkflowInput { Name = "notes" },
                new WorkflowInput { Name = "notes" },
                new WorkflowInput { Name = "Bad name" },
                new WorkflowInput { Name = "kind", Type = VariableType.Choice },
                new WorkflowInput
                {
                    Name = "count",
                    Type = VariableType.Number,
                    Default = AppJson.Text("three"),
                },
            ],
            [Step("a", "text", "notes")]
        );

        WorkflowProblems
            .Find(content.Tidy(), Facts)
            .Select(p => p.Field)
            .Should()
            .Equal("inputs[1].name", "inputs[2].name", "inputs[3].choices", "inputs[4].default");
    }

    [Fact]
    public void Find_NoName_IsAtItsField() =>
        Only(WorkflowProblems.Find(new WorkflowContent(" ", [], [], [Step("a", "text", "'x'")]).Tidy(), Facts)).Field.Should().Be("name");

    private static WorkflowProblem Only(IReadOnlyList<WorkflowProblem> problems) => problems.Should().ContainSingle().Subject;

    private static IReadOnlyList<WorkflowProblem> Find(params StepContent[] steps) =>
        WorkflowProblems.Find(new WorkflowContent("w", [], [new WorkflowInput { Name = "notes" }], steps).Tidy(), Facts);

    private static StepContent Step(string key, params string[] mapping) =>
        new(null, "p", null, null, "m", mapping.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]), key);
}
