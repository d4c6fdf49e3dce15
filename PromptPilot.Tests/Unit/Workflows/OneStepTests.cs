using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Tests.Unit.Workflows;

public class OneStepTests
{
    private static readonly WorkflowInput Text = new() { Name = "text" };
    private static readonly WorkflowInput Tone = new()
    {
        Name = "tone",
        Type = VariableType.Choice,
        Choices = ["warm", "cold"],
        Required = false,
    };

    [Fact]
    public void Of_KeysOfInputsAndEarlierSteps_BecomeInputs_InTheOrderTheyAreRead()
    {
        var one = Of(
            2,
            Step("facts"),
            Step("list") with
            {
                Options = new StepOptions { OutputFormat = OutputFormat.Json },
            },
            Step("mail", "facts | upcase", "list.size", "tone")
        );

        one.Steps.Should().ContainSingle().Which.Should().Match<StepContent>(step => step.OutputKey == "mail" && step.Order == 1);
        one.Inputs.Select(input => (input.Name, input.Type, input.Required))
            .Should()
            .Equal(("facts", VariableType.Text, true), ("list", VariableType.Json, true), ("tone", VariableType.Choice, false));
        one.Inputs[2].Should().BeSameAs(Tone, "an input of the workflow stays as it is");
    }

    [Fact]
    public void Of_StepForEachItem_GivesAListAndReadsOne()
    {
        var many = Step("each") with { Options = new StepOptions { ForEach = "text | split: ','" } };
        Of(1, many, Step("sum", "each")).Inputs.Should().ContainSingle().Which.Type.Should().Be(VariableType.Json);

        Of(0, Step("one", "item", "index") with { Options = new StepOptions { ForEach = "text | split: ','" } })
            .Inputs.Select(input => input.Name)
            .Should()
            .Equal("text");
    }

    [Fact]
    public void Of_KeyWhoseReadingsAllHaveADefault_IsOptional()
    {
        Of(1, Step("facts"), Step("mail", "facts | default: 'none'")).Inputs.Single().Required.Should().BeFalse();
        Of(1, Step("facts"), Step("mail", "facts | default: 'none'", "facts"))
            .Inputs.Single()
            .Required.Should()
            .BeTrue("one reading needs it");
        Of(1, Step("facts"), Step("mail", "'x'") with { Options = new StepOptions { When = "facts contains 'x'" } })
            .Inputs.Single()
            .Required.Should()
            .BeTrue("the condition needs it");
    }

    [Theory]
    [InlineData("factz")]
    [InlineData("later")]
    [InlineData("mail")]
    [InlineData("run.id")]
    [InlineData("facts | | upcase")]
    [InlineData("{{ facts }}")]
    [InlineData("'open")]
    [InlineData("")]
    public void Of_WhatCannotBeReadThere_OrIsNoExpression_BecomesNoInput(string expression) =>
        Of(1, Step("facts"), Step("mail", expression), Step("later"))
            .Inputs.Should()
            .BeEmpty("it stays the problem that it is in the draft");

    [Fact]
    public void Of_StepsGivenOutOfOrder_ReadsThoseThatRunBefore()
    {
        var one = Of(0, Step("mail", "facts") with { Order = 2 }, Step("facts") with { Order = 1 });

        one.Inputs.Single().Name.Should().Be("facts");
    }

    [Theory]
    [InlineData("trigger.payload.title", true)]
    [InlineData("text", false)]
    [InlineData("'trigger'", false)]
    public void ReadsTrigger_IsWhatAnExpressionReads(string expression, bool reads) =>
        OneStep.ReadsTrigger(Content(Step("a", expression))).Should().Be(reads);

    private static WorkflowContent Of(int index, params StepContent[] steps) => OneStep.Of(Content(steps), index);

    private static WorkflowContent Content(params StepContent[] steps) => new("Digest", [], [Text, Tone], steps);

    private static StepContent Step(string key, params string[] expressions) =>
        new(
            null,
            "p",
            null,
            null,
            "m",
            expressions.Select((text, i) => (text, i)).ToDictionary(pair => $"v{pair.i}", pair => pair.text),
            key
        );
}
