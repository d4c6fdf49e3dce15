using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Start;

namespace PromptPilot.Tests.Unit.Runs;

public class RunFormModelTests
{
    private static readonly WorkflowInput[] Inputs =
    [
        new() { Name = "notes", Type = VariableType.Text },
        new()
        {
            Name = "words",
            Type = VariableType.Number,
            Default = AppJsonNumber(120),
        },
        new() { Name = "urgent", Type = VariableType.Boolean },
        new()
        {
            Name = "tone",
            Type = VariableType.Choice,
            Required = false,
            Choices = ["plain", "formal"],
        },
        new()
        {
            Name = "tickets",
            Type = VariableType.Json,
            Required = false,
        },
    ];

    [Fact]
    public void Read_MakesTypedValues_AndLeavesOutWhatIsEmpty()
    {
        var form = new RunFormModel(Inputs)
        {
            ["notes"] = " two lines\n",
            ["words"] = "80.5",
            ["urgent"] = "true",
            ["tickets"] = "[1, {\"a\": null}]",
        };

        var values = form.Read().Value;

        values.Keys.Should().BeEquivalentTo("notes", "words", "urgent", "tickets");
        values["notes"].GetString().Should().Be(" two lines\n");
        values["words"].GetDecimal().Should().Be(80.5m);
        values["urgent"].GetBoolean().Should().BeTrue();
        values["tickets"].GetArrayLength().Should().Be(2);
    }

    [Fact]
    public void Read_WhatCannotBeRead_IsAnErrorAtItsField()
    {
        var form = new RunFormModel(Inputs) { ["words"] = "many", ["tickets"] = "[1,\n oops]" };

        var problem = form.Read().Problem!;

        problem.Errors.Select(error => error.Field).Should().Equal("inputs.notes", "inputs.words", "inputs.tickets");
        problem.Errors[2].Message.Should().Contain("line 2");
    }

    [Fact]
    public void Recall_FillsInWhatStillFits()
    {
        var before = new RunFormModel(Inputs) { ["notes"] = "kept", ["tone"] = "formal" };
        before["tickets"] = new string('x', 20_000);
        WorkflowInput[] changed =
        [
            Inputs[0],
            new()
            {
                Name = "tone",
                Type = VariableType.Choice,
                Choices = ["plain"],
            },
        ];
        var after = new RunFormModel(changed);

        after.Recall(before.Remember());

        after["notes"].Should().Be("kept");
        after["tone"].Should().BeEmpty("the choice is gone");
        before.Remember().Length.Should().BeLessThan(1000, "long texts are not kept");
        after.Invoking(form => form.Recall("not json")).Should().NotThrow();
    }

    private static System.Text.Json.JsonElement AppJsonNumber(int number) =>
        System.Text.Json.JsonSerializer.SerializeToElement(number, AppJson.Options);
}
