using System.Text.Json;
using PromptPilot.Core.Liquid;

namespace PromptPilot.Tests.Unit.Liquid;

public class LiquidConditionTests
{
    private const string Context =
        """{"mood":"negative","score":4,"zero":0,"empty_text":"","no":false,"nothing":null,"tags":["urgent","eu"],"ticket":{"title":"Crash at start","open":true,"n":2.5}}""";

    [Theory]
    [InlineData("mood == 'negative'", true)]
    [InlineData("mood != 'negative'", false)]
    [InlineData("mood == \"positive\"", false)]
    [InlineData("score > 3", true)]
    [InlineData("score >= 4 and score <= 4", true)]
    [InlineData("score < 4", false)]
    [InlineData("ticket.n > 2.4", true)]
    [InlineData("score == -4", false)]
    [InlineData("tags contains 'urgent'", true)]
    [InlineData("ticket.title contains 'crash'", false)]
    [InlineData("tags.size > 1", true)]
    [InlineData("ticket.open", true)]
    [InlineData("ticket.closed", false)]
    [InlineData("nothing", false)]
    [InlineData("nothing == nil", true)]
    [InlineData("nothing > 1", false)]
    [InlineData("no", false)]
    [InlineData("no == false", true)]
    [InlineData("zero", true)]
    [InlineData("empty_text", true)]
    [InlineData("empty_text == empty", true)]
    [InlineData("empty_text == blank", true)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("mood == 'negative' and score > 3", true)]
    [InlineData("mood == 'negative' and score > 9", false)]
    [InlineData("mood == 'positive' or score > 3", true)]
    [InlineData("mood == 'positive' or score > 9", false)]
    [InlineData("no and no or zero", false)]
    [InlineData("zero or no and no", true)]
    [InlineData("mood == 'negative'\nand tags contains 'eu'", true)]
    [InlineData("gone | default: false", false)]
    [InlineData("gone | default: 'x'", true)]
    public void Evaluate_ReadsAsIfDoes(string condition, bool expected) => Evaluate(condition).Value.Should().Be(expected);

    [Theory]
    [InlineData("mood = 'negative'", "==")]
    [InlineData("mood ==", "missing")]
    [InlineData("", "missing")]
    [InlineData("mood == 'negative' && score > 3", "&")]
    [InlineData("not mood", "Unexpected word")]
    [InlineData("mood == 'negative", "quote")]
    [InlineData("{% if mood %}", "without braces")]
    [InlineData("{{ mood }}", "without braces")]
    [InlineData("score | plus: 1 > 3", "filtered value")]
    [InlineData("mood | upcase == 'NEGATIVE'", "filtered value")]
    [InlineData("mood | default: 'x' == 'y' and no", "filtered value")]
    [InlineData("(score > 3)", "parentheses")]
    public void Parse_WhatIsNoCondition_SaysWhy(string condition, string part)
    {
        LiquidCondition.Parse(condition).Errors.Should().ContainSingle().Which.Message.Should().ContainEquivalentOf(part);
        Evaluate(condition).IsOk.Should().BeFalse();
    }

    [Fact]
    public void Parse_KnowsWhatItReads()
    {
        var condition = LiquidCondition.Parse("mood == other or tags contains ticket.title");
        condition.Reads.Should().Equal("mood", "other", "tags", "ticket");
        condition.HasDefault.Should().BeFalse();
        LiquidCondition.Parse("flag | default: false").HasDefault.Should().BeTrue();
    }

    [Fact]
    public void Evaluate_MissingKey_IsNamed() => Evaluate("gone == 'x'").Problem!.Message.Should().Contain("“gone”");

    [Fact]
    public void Evaluate_TextAgainstNumber_IsAProblemAndNotFalse() => Evaluate("mood > 3").Problem!.Message.Should().Contain("compared");

    private static PromptPilot.Core.Shared.Result<bool> Evaluate(string condition) =>
        LiquidCondition
            .Parse(condition)
            .Evaluate(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Context)!, TestContext.Current.CancellationToken);
}
