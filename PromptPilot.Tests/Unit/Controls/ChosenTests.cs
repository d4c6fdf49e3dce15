using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Tests.Unit.Controls;

/// <summary>A script can send any value in place of an offered choice.</summary>
public class ChosenTests
{
    public static TheoryData<object?, VariableType> Values =>
        new()
        {
            { "Number", VariableType.Number },
            { "Admin", VariableType.Text },
            { "999", VariableType.Text },
            { "", VariableType.Text },
            { null, VariableType.Text },
            { true, VariableType.Text },
            { JsonElement.Parse("\"Number\""), VariableType.Text },
        };

    [Theory]
    [MemberData(nameof(Values))]
    public void Of_WhatIsNoChoice_KeepsTheCurrent(object? value, VariableType expected) =>
        Chosen.Of(new ChangeEventArgs { Value = value }, VariableType.Text).Should().Be(expected);

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0", 1)]
    [InlineData("11", 1)]
    [InlineData("x", 1)]
    [InlineData(null, 1)]
    public void Number_OutOfRange_KeepsTheCurrent(string? text, int expected) => Chosen.Number(text, 1, 1, 10).Should().Be(expected);
}
