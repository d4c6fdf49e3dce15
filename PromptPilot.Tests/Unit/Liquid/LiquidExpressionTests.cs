using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using static PromptPilot.Tests.Unit.Liquid.Liquids;

namespace PromptPilot.Tests.Unit.Liquid;

public class LiquidExpressionTests
{
    private const string Context =
        """{"notes":"long text","ticket":{"title":"Crash","tags":["a","b"],"n":1.0},"list":[1,2,3],"no":false,"trigger":{"x":1},"index":4}""";

    [Theory]
    [InlineData("notes", "\"long text\"")]
    [InlineData("ticket.title", "\"Crash\"")]
    [InlineData("ticket", "{\"title\":\"Crash\",\"tags\":[\"a\",\"b\"],\"n\":1.0}")]
    [InlineData("ticket.tags", "[\"a\",\"b\"]")]
    [InlineData("list | reverse", "[3,2,1]")]
    [InlineData("(1..3)", "[1,2,3]")]
    [InlineData("'formal'", "\"formal\"")]
    [InlineData("5", "5")]
    [InlineData("notes | truncate: 6", "\"lon...\"")]
    [InlineData("ticket.missing", "null")]
    [InlineData("nothing | default: 'x'", "\"x\"")]
    [InlineData("list contains 2 and no == false", "true")]
    [InlineData("trigger.x", "1")]
    [InlineData("index", "4")]
    [InlineData("list | map: 'x' | compact", "[]")]
    [InlineData("list.first", "1")]
    [InlineData("list | concat: ticket.tags", "[1,2,3,\"a\",\"b\"]")]
    public void Evaluate_KeepsWhatThingsAre(string expression, string expected) => Evaluate(expression, Context).Should().Be(expected);

    [Theory]
    [InlineData("a }}{{ b")]
    [InlineData("a = 5")]
    [InlineData("a; b")]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a }} x {{ b")]
    [InlineData("%}{% if a %}")]
    [InlineData("a | nope")]
    [InlineData("object.eval 'x'")]
    [InlineData("x | object.eval_template")]
    [InlineData("a b")]
    [InlineData("'open")]
    [InlineData("a\0b")]
    [InlineData("forloop.index")]
    [InlineData("func do; ret 1; end")]
    [InlineData("@a")]
    [InlineData("a ?? b")]
    [InlineData("{ a: 1 }")]
    [InlineData("[1]")]
    public void Parse_NotOneExpression_IsAnError(string expression)
    {
        LiquidExpression.Parse(expression).Errors.Should().ContainSingle();
        TryEvaluate(expression, """{"a":1,"b":2}""").IsOk.Should().BeFalse();
    }

    [Fact]
    public void Reads_AreTheTopLevelKeys()
    {
        var expression = LiquidExpression.Parse("a.b[c] | append: d | truncate: 5");
        expression.Reads.Should().Equal("a", "c", "d");
        expression.HasDefault.Should().BeFalse();
        LiquidExpression.Parse("a | default: b").HasDefault.Should().BeTrue();
    }

    [Fact]
    public void Evaluate_MissingKey_IsNamed() => TryEvaluate("gone.title").Problem!.Message.Should().Contain("“gone”");

    [Theory]
    [InlineData("0", true)]
    [InlineData("\"\"", true)]
    [InlineData("[]", true)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void IsTrue_OnlyFalseAndNil_AreFalse(string json, bool expected) =>
        LiquidExpression.IsTrue(JsonSerializer.Deserialize<JsonElement>(json)).Should().Be(expected);

    [Fact]
    public void Evaluate_KeyNamedLikeAFilter_DoesNotShadowIt() =>
        Evaluate("notes | upcase", """{"notes":"x","upcase":"evil","date":"1"}""").Should().Be("\"X\"");

    [Fact]
    public void Evaluate_TextWithBraces_IsData() => TryEvaluate("a", """{"a":"{{ b }}"}""").Value.GetString().Should().Be("{{ b }}");

    [Fact]
    public void AppJsonText_RoundTrips() =>
        TryEvaluate("a", JsonSerializer.Serialize(new { a = AppJson.Text("ü\n\"") })).Value.GetString().Should().Be("ü\n\"");
}
