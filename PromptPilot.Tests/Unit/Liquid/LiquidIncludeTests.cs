using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Core.Liquid;

namespace PromptPilot.Tests.Unit.Liquid;

public class LiquidIncludeTests
{
    private static LiquidPart Part(string name, string text, params LiquidPart[] parts) => new(name, text, Parts(parts));

    private static Dictionary<string, LiquidPart> Parts(params LiquidPart[] parts) =>
        parts.ToDictionary(part => LiquidInclude.KeyOf(part.Name, null, null));

    private static string Render(string text, object values, params LiquidPart[] parts)
    {
        var given = JsonSerializer.SerializeToElement(values).EnumerateObject().ToDictionary(value => value.Name, value => value.Value);
        var rendered = LiquidTemplate.Parse(text).Render(given, [], CancellationToken.None, Parts(parts));
        return rendered.IsOk ? rendered.Value : rendered.Problem.Message;
    }

    private static IReadOnlyList<string> Variables(string text, params LiquidPart[] parts) =>
        LiquidTemplate.Parse(text).VariablesWith(Parts(parts));

    [Fact]
    public void Part_IsRenderedInItsPlace_WithWhatIsAroundIt()
    {
        var style = Part("house-style", "Be {{ tone }}.");
        Render("A {% include \"house-style\" %} B", new { tone = "brief" }, style).Should().Be("A Be brief. B");
        Render("A \n {%- include 'HOUSE-style' -%} \n B", new { tone = "brief" }, style).Should().Be("ABe brief.B");
        Render("{% capture a %}{% include 'house-style' %}{% endcapture %}[{{ a }}]", new { tone = "dry" }, style).Should().Be("[Be dry.]");
        Render("{% for tone in tones %}{% include 'house-style' %}{% endfor %}", new { tones = new[] { "x", "y" } }, style)
            .Should()
            .Be("Be x.Be y.");
        Render("{% assign tone = 'calm' %}{% include 'house-style' %}", new { }, style).Should().Be("Be calm.");
        Render("{% if tone == 'a' %}{% include 'house-style' %}{% endif %}", new { tone = "b" }, style).Should().Be("");
    }

    [Fact]
    public void Part_GivesNothingBack() =>
        Render(
                "{% include 'p' %} {{ x }}{% for i in (1..2) %}{{ i }}{% endfor %}",
                new { x = "mine" },
                Part("p", "{% assign x = 'theirs' %}{{ x }}")
            )
            .Should()
            .Be("theirs mine12");

    [Fact]
    public void Variables_OfAPart_AreThoseOfTheCaller_UnlessItGivesThemAValue()
    {
        var inner = Part("inner", "{{ c }}{{ a }}");
        var outer = Part("outer", "{{ b }}{% assign c = 1 %}{% include 'inner' %}", inner);
        outer.Variables.Should().Equal("b", "a");
        Variables("{{ a }}{% include 'outer' %}", outer).Should().Equal("a", "b");
        Variables("{% for b in list %}{% include 'outer' %}{% endfor %}", outer).Should().Equal("list", "a");
        Variables("{% include 'outer' %}{% assign a = 1 %}", outer).Should().Equal("b", "a");
        Render("{% include 'outer' %}", new { a = 1 }, outer).Should().StartWith("The variable “b” has no value");
    }

    [Theory]
    [InlineData("{% include %}")]
    [InlineData("{% include house-style %}")]
    [InlineData("{% include 'a' with b %}")]
    [InlineData("{% include 'a', tone: 'x' %}")]
    [InlineData("{% include 'a', label: production %}")]
    [InlineData("{% include 'a' | upcase %}")]
    [InlineData("{% include name %}")]
    [InlineData("{% include '' %}")]
    public void Tag_WrittenOtherwise_SaysHow(string text)
    {
        var error = LiquidTemplate.Parse("x " + text).Errors.Should().ContainSingle().Subject;
        error.Message.Should().StartWith("Write {% include \"name of a prompt\" %}");
        (error.Line, error.Column).Should().Be((1, 6));
    }

    [Fact]
    public void Tag_NamesALabelOrAVersion()
    {
        var includes = LiquidTemplate
            .Parse(
                "{% include \"A b\", label: \"production\" %}\n{% include 'c', version: '1.2.0' -%}{% raw %}{% include 'd' %}{% endraw %}"
            )
            .Includes;
        includes.Select(i => (i.Name, i.Label, i.Version, i.Line)).Should().Equal(("A b", "production", null, 1), ("c", null, "1.2.0", 2));
        LiquidExpression.Parse("include 'a'").Errors.Should().NotBeEmpty();
    }

    [Fact]
    public void Error_InAPart_NamesThePartAndThePlace()
    {
        var inner = Part("inner", "one\n{{ a | date: '%Q' }}");
        Render("\n {% include 'outer' %}", new { a = "2026-01-01" }, Part("outer", "x {% include 'inner' %}", inner))
            .Should()
            .Be("Line 2, column 5: In “outer”, line 1, column 6: In “inner”, line 2, column 8: date: the code “%Q” is unknown.");
        Render("{% include 'gone' %}", new { })
            .Should()
            .Be("Line 1, column 4: The part “gone” does not exist. It may have been deleted or renamed.");
        Render("{% include 'bad' %}", new { }, Part("bad", "{% if %}")).Should().Contain("In “bad”, line 1, column 1:");
    }

    [Fact]
    public void Parts_GoFiftyLevelsDeep()
    {
        var part = Part("p", "end {{ a }}");
        for (var level = 1; level < 50; level++)
        {
            part = Part("p", "{% if a %}{% for i in (1..1) %}{% include 'p' %}{% endfor %}{% endif %}", part);
        }

        part.Depth.Should().Be(50);
        Render("{% include 'p' %}", new { a = "x" }, part).Should().Be("end x");
        Render("{% include 'p' %}", new { a = "x" }, Part("p", "{% include 'p' %}", part)).Should().Contain("at most 50 levels deep");
    }

    /// <summary>Each level includes the next twice: 2^49 parts in all.</summary>
    [Fact]
    public void Parts_ThatMultiply_AreStopped()
    {
        var part = Part("p", "");
        for (var level = 1; level < 50; level++)
        {
            part = Part("p", "{% include 'p' %}{% include 'p' %}", part);
        }

        var started = Stopwatch.GetTimestamp();
        Render("{% include 'p' %}", new { }, part).Should().StartWith("Line 1, column 4:");
        Variables("{% include 'p' %}", part).Should().BeEmpty();
        Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Names_InAnyScript_FlowIntoAPart()
    {
        var part = Part("p", "{{ हिन्दी }}-{{ 𠮷野 }}-{{ नाम.हिन्दी }};");
        Variables("{% for हिन्दी in सूची %}{% include 'p' %}{% endfor %}", part).Should().Equal("सूची", "𠮷野", "नाम");
        Render(
                "{% for हिन्दी in सूची %}{% include 'p' %}{% endfor %}",
                new Dictionary<string, object>
                {
                    ["सूची"] = new[] { 1, 2 },
                    ["𠮷野"] = "y",
                    ["नाम"] = new Dictionary<string, int> { ["हिन्दी"] = 7 },
                },
                part
            )
            .Should()
            .Be("1-y-7;2-y-7;");
    }

    [Fact]
    public void Value_ThatLooksLikeAnInclude_StaysText() =>
        Render("{{ a }}{% include 'p' %}", new { a = "{% include 'p' %}" }, Part("p", "<{{ a }}>"))
            .Should()
            .Be("{% include 'p' %}<{% include 'p' %}>");
}
