using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Prompts.Saving;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>Templates of other tools as Liquid: what is translated is valid, the rest is refused with its line.</summary>
public sealed class ForeignTemplateTests
{
    [Theory]
    [InlineData("Hi {{ name }}", "Hi {{ name }}")]
    [InlineData("Hi {{name | upper}}{# secret #}", "Hi {{ name | upcase }}")]
    [InlineData("{{ items | join(', ') }}", "{{ items | join: ', ' }}")]
    [InlineData("{{ x | default('a | b') | trim }}", "{{ x | default: 'a | b' | strip }}")]
    [InlineData("{{ x|safe }}", "{{ x }}")]
    [InlineData("{{- a.b[0] -}}", "{{- a.b[0] -}}")]
    [InlineData(
        "{% if a == 'x' and b %}1{% elif c %}2{% else %}3{% endif %}",
        "{% if a == 'x' and b %}1{% elsif c %}2{% else %}3{% endif %}"
    )]
    [InlineData("{% for x in xs %}{{ loop.index }}{{ x }}{% endfor %}", "{% for x in xs %}{{ forloop.index }}{{ x }}{% endfor %}")]
    [InlineData("{% if not done %}x{% endif %}", "{% if done == false or done == nil %}x{% endif %}")]
    [InlineData("{% set a = b | lower %}{{ a }}", "{% assign a = b | downcase %}{{ a }}")]
    public void Jinja_OfTheCommonSubset_IsLiquid(string jinja, string liquid)
    {
        var translated = JinjaTemplate.Translate(jinja);

        translated.Errors.Should().BeEmpty();
        translated.Text.Should().Be(liquid);
        PromptChecks.Check(new PromptDraft { Name = "x", Content = liquid }).Should().BeEmpty();
    }

    [Theory]
    [InlineData("a\n{% macro x() %}{% endmacro %}", 2)]
    [InlineData("{% extends 'base' %}", 1)]
    [InlineData("a\nb\n{{ f(x) }}", 3)]
    [InlineData("{{ x | attr('__class__') }}", 1)]
    [InlineData("{% if x is defined %}{% endif %}", 1)]
    [InlineData("{% for k, v in d.items() %}{% endfor %}", 1)]
    [InlineData("{{ a ~ b }}", 1)]
    public void Jinja_Beyond_IsRefusedWithItsLine(string jinja, int line) =>
        JinjaTemplate.Translate(jinja).Errors.Should().Contain(error => error.StartsWith($"Line {line}: ", StringComparison.Ordinal));

    [Theory]
    [InlineData("Hi {{{name}}}{{&x}}{{! no }}", "Hi {{ name }}{{ x }}")]
    [InlineData("{{#a}}x{{/a}}{{^a}}y{{/a}}", "{% if a %}x{% endif %}{% unless a %}y{% endunless %}")]
    [InlineData("{{#xs}}- {{.}}\n{{/xs}}", "{% for item in xs %}- {{ item }}\n{% endfor %}")]
    public void Mustache_IsLiquid(string mustache, string liquid) => PlainTemplates.Mustache(mustache).Text.Should().Be(liquid);

    [Fact]
    public void Mustache_WithAPartial_IsRefusedWithItsLine() =>
        PlainTemplates.Mustache("a\n{{> header }}").Errors.Should().ContainSingle().Which.Should().StartWith("Line 2: ");

    [Theory]
    [InlineData("Hi {name}, {{\"a\": 1}}", "Hi {{ name }}, {\"a\": 1}")]
    public void Format_IsLiquid(string format, string liquid) => PlainTemplates.Format(format).Text.Should().Be(liquid);

    [Theory]
    [InlineData("{{#1711.text#}}", "{{ text }}")]
    [InlineData("{{ $json.body.title }}", "{{ title }}")]
    [InlineData("{{ $json[\"title\"] }}", "{{ title }}")]
    [InlineData("{{ name }}", "{{ name }}")]
    public void References_BecomeVariables(string reference, string liquid) =>
        PlainTemplates.References(reference).Text.Should().Be(liquid);

    [Fact]
    public void References_ThatCalculate_AreRefused() =>
        PlainTemplates.References("{{ $json.a + $json.b * 2 }}").Errors.Should().ContainSingle();
}
