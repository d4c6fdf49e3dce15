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
    [InlineData("{{role \"system\"}}", "Add a message with this role")]
    [InlineData("{{#role \"user\"}}x{{/role}}", "Add a message with this role")]
    [InlineData("{{media url=photo}}", "cannot contain files")]
    [InlineData("{{! a note }}", "{% comment %}")]
    [InlineData("{{#each rows}}{{@index}}{{/each}}", "{% for … %}")]
    [InlineData("{{@index}}", "forloop.index0")]
    [InlineData("{{ @state.name }}", "without “@”")]
    [InlineData("{{memory.recall $input}}", "Functions cannot be called")]
    [InlineData("{{ref:shared_intro}}", "{% include \"name\" %}")]
    [InlineData("{{>style personality=personality}}", "{% include \"name\" %}")]
    [InlineData("{% if 'a' in list %}x{% endif %}", "list contains 'x'")]
    [InlineData("{% if list | length > 0 %}x{% endif %}", "list.size > 0")]
    [InlineData("{% for key, value in o.items() %}x{% endfor %}", "The key is pair[0]")]
    [InlineData("{% filter indent(width=4) %}x{% endfilter %}", "{% capture text %}")]
    public void Errors_OfAnotherLanguage_SayHowToWriteIt(string template, string advice) =>
        LiquidTemplate.Parse(template).Errors.Should().NotBeEmpty().And.Subject.First().Message.Should().Contain(advice);

    /// <summary>What the parser says of its own grammar means nothing to who writes Liquid.</summary>
    [Theory]
    [InlineData("{{ a < > b }}", "An operator belongs between two values")]
    [InlineData("{% if (a %}x{% endif %}", "The parentheses are incomplete")]
    [InlineData("{% for a of b %}x{% endfor %}", "Write “{% for item in list %}”")]
    [InlineData("{% assign a b %}", "Write “{% assign name = value %}”")]
    [InlineData("{{ 99999999999999999999999999999999999999999999 }}", "too large")]
    public void Errors_OfTheParser_AreInTheWordsOfLiquid(string template, string message)
    {
        var error = LiquidTemplate.Parse(template).Errors.Should().NotBeEmpty().And.Subject.First();

        error.Message.Should().Contain(message).And.NotMatchRegex("`|<[a-z_]+>|[Tt]oken|Expecting|Invalid|statement");
    }

    [Fact]
    public void Errors_OfAnExpression_SayItToo() =>
        LiquidExpression.Parse("notes | trim").Errors.Should().ContainSingle().Which.Message.Should().EndWith("Write strip.");

    [Theory]
    [InlineData("{{ notes | nope }}")]
    [InlineData("{% if a %}x")]
    public void Errors_OfLiquid_HaveNoSuchAdvice(string template) =>
        LiquidTemplate.Parse(template).Errors.Should().ContainSingle().Which.Message.Should().NotContain("Write ");
}
