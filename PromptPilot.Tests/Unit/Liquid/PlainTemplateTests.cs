using System.Text.Json;
using CsCheck;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Liquid;

/// <summary>The short way through a template renders what the interpreter renders, or leaves it to the interpreter.</summary>
public sealed class PlainTemplateTests
{
    /// <summary>Renders to a full stop, and is more than text and variables: the interpreter takes the whole template.</summary>
    private const string Interpreted = ".{% if false %}{% endif %}";

    private static readonly string[] Pieces =
    [
        "{{ a }}",
        "{{a}}",
        "{{  b\n}}",
        "{{ größe }}",
        "{{- a -}}",
        "{{ a | upcase }}",
        "{{ a.b }}",
        "{{ 'a' }}",
        "{{ true }}",
        "{{ nil }}",
        "{",
        "}",
        "}}",
        "{ {",
        "%}",
        " ",
        "\n",
        "text",
        "“quoted”",
        "👩‍🚀",
        "{{ 1 }}",
        "{{ forloop }}",
        "{{ a-b }}",
        "\\",
        "\r\n",
    ]; // csharpier-ignore

    private static readonly string[] Values = ["\"\"", "\"x\"", "\" {{ b }} \"", "1", "1.50", "true", "[1]", "{\"b\":2}", "\"\\ud800\""];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Render_OfAnyTemplate_EqualsTheInterpreters() =>
        Gen.Select(One(Pieces).Array[0, 6], One(Values).Array[3])
            .Sample(
                (pieces, values) =>
                {
                    var text = string.Concat(pieces);
                    var given = new[] { "a", "b", "größe" }
                        .Zip(values)
                        .ToDictionary(pair => pair.First, pair => JsonSerializer.Deserialize<JsonElement>(pair.Second));

                    Render(text, given, ".").Should().Be(Render(text + Interpreted, given), "of {0}", text);
                },
                iter: Samples.Count(few: 3_000, many: 100_000)
            );

    [Fact]
    public void Of_TextAndVariables_IsPlain()
    {
        PlainTemplate.Of("Dear {{ name }},\n{{text}}", ["name", "text"]).Should().NotBeNull();
        PlainTemplate.Of("{{ name | upcase }}", ["name"]).Should().BeNull();
        PlainTemplate.Of("{% if name %}x{% endif %}", ["name"]).Should().BeNull();
        PlainTemplate.Of("{{- name }}", ["name"]).Should().BeNull();
        PlainTemplate.Of("{{ nil }}", []).Should().BeNull("it is a word of the language");
    }

    [Theory]
    [InlineData("a", "\"x\"")]
    [InlineData(" a ", "\"\"")]
    [InlineData("a", "12")]
    [InlineData("a", "null")]
    [InlineData("größe", "\"x\"")]
    public void Evaluate_OneKey_IsItsValue(string expression, string json)
    {
        var context = new Dictionary<string, JsonElement> { [expression.Trim()] = JsonSerializer.Deserialize<JsonElement>(json) };

        LiquidExpression.Parse(expression).Evaluate(context, Token).Value.GetRawText().Should().Be(json);
    }

    [Fact]
    public void Evaluate_HalfACharacter_IsRefused()
    {
        var context = new Dictionary<string, JsonElement> { ["a"] = JsonSerializer.Deserialize<JsonElement>("\"\\ud800\"") };

        LiquidExpression.Parse("a").Evaluate(context, Token).Problem!.Message.Should().Contain("lone surrogate");
    }

    private static Gen<string> One(string[] of) => Gen.Int[0, of.Length - 1].Select(index => of[index]);

    private static string Render(string text, Dictionary<string, JsonElement> values, string more = "")
    {
        var template = LiquidTemplate.Parse(text);
        var rendered = template.Render(values, ["a", "b", "größe", "forloop"], Token);
        return rendered.IsOk ? rendered.Value + more : "refused";
    }
}
