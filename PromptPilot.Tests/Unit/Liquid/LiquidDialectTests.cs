using PromptPilot.Core.Liquid;

namespace PromptPilot.Tests.Unit.Liquid;

/// <summary>What people bring from Jinja, Nunjucks, Handlebars or n8n is refused with how to write it here.</summary>
public class LiquidDialectTests
{
    [Theory]
    [InlineData("{% if a %}x{% elif b %}y{% endif %}", "Write {% elsif … %}.")]
    [InlineData("{% set tone = 'warm' %}", "Write {% assign name = … %}.")]
    [InlineData("{% macro greet(name) %}{% endmacro %}", "{% include %} it.")]
    [InlineData("{{ notes | default('none') }}", "Write arguments after a colon")]
    [InlineData("{{ tickets | join(', ') }}", "Write arguments after a colon")]
    [InlineData("{{ notes | trim }}", "Write strip.")]
    [InlineData("{{ data | tojson }}", "Write json.")]
    [InlineData("{{ html | safe }}", "Leave it out.")]
    [InlineData("{{ a if b else c }}", "Write {% if … %} … {% else %} … {% endif %}.")]
    [InlineData("{% if not done %}x{% endif %}", "Write {% unless … %}")]
    [InlineData("{% if notes is defined %}x{% endif %}", "Write {% if name %}")]
    [InlineData("{% for i in range(3) %}x{% endfor %}", "{% for i in (1..3) %}")]
    [InlineData("{{ text.upper() }}", "Liquid has no functions.")]
    [InlineData("{{ first ~ last }}", "append: other")]
    [InlineData("{{ count + 1 }}", "plus: 1")]
    [InlineData("{{#if a}}x{{/if}}", "Write {% if … %} … {% endif %}")]
    [InlineData("{{> header }}", "Write {% include \"name\" %}.")]
    [InlineData("{{{ html }}}", "Write two braces")]
    [InlineData("{{ $json.body }}", "without “$”")]
    public void Errors_OfAnotherLanguage_SayHowToWriteIt(string template, string advice) =>
        LiquidTemplate.Parse(template).Errors.Should().NotBeEmpty().And.Subject.First().Message.Should().Contain(advice);

    [Fact]
    public void Errors_OfAnExpression_SayItToo() =>
        LiquidExpression.Parse("notes | trim").Errors.Should().ContainSingle().Which.Message.Should().EndWith("Write strip.");

    [Theory]
    [InlineData("{{ notes | nope }}")]
    [InlineData("{% if a %}x")]
    public void Errors_OfLiquid_HaveNoSuchAdvice(string template) =>
        LiquidTemplate.Parse(template).Errors.Should().ContainSingle().Which.Message.Should().NotContain("Write ");
}
