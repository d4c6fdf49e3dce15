using PromptPilot.Core.Liquid;
using PromptPilot.Core.Liquid.Filters;
using static PromptPilot.Tests.Unit.Liquid.Liquids;

namespace PromptPilot.Tests.Unit.Liquid;

public class LiquidFiltersTests
{
    private const string Data =
        """{"l":[3,1,2],"w":["b","A","a",null],"o":[{"k":"x","n":1},{"k":"y","n":2.5},{"k":"x"}],"s":"Hello World","e":"","f":false,"z":0}""";

    [Theory]
    [InlineData("-5 | abs", "5")]
    [InlineData("-5.5 | abs", "5.5")]
    [InlineData("4 | at_least: 5", "5")]
    [InlineData("4 | at_most: 3", "3")]
    [InlineData("1.2 | ceil", "2")]
    [InlineData("1.8 | floor", "1")]
    [InlineData("2.5 | round", "3")]
    [InlineData("2.345 | round: 2", "2.35")]
    [InlineData("1 | plus: 2", "3")]
    [InlineData("1 | plus: 0.5", "1.5")]
    [InlineData("'3' | minus: 1", "2")]
    [InlineData("3 | times: 4", "12")]
    [InlineData("9223372036854775807 | plus: 1", "9223372036854775808")]
    [InlineData("7 | divided_by: 2", "3")]
    [InlineData("-7 | divided_by: 2", "-4")]
    [InlineData("7 | divided_by: 2.0", "3.5")]
    [InlineData("-7 | modulo: 3", "2")]
    [InlineData("s | append: '!' | prepend: '>'", ">Hello World!")]
    [InlineData("s | capitalize", "Hello world")]
    [InlineData("s | upcase | downcase", "hello world")]
    [InlineData("s | remove: 'l' | remove_first: 'o'", "He Word")]
    [InlineData("s | replace: 'o', '0' | replace_first: '0', 'o' | replace_last: '0', '#'", "Hello W#rld")]
    [InlineData("'  x ' | strip", "x")]
    [InlineData("'  x ' | lstrip", "x ")]
    [InlineData("'  x ' | rstrip", "  x")]
    [InlineData("'<p>a &amp; b</p><script>x</script><!-- c -->d' | strip_html", "a &amp; bd")]
    [InlineData("'a<b' | strip_html", "a<b")]
    [InlineData("'<a & b>' | escape", "&lt;a &amp; b&gt;")]
    [InlineData("'&lt;a & b>' | escape_once", "&lt;a &amp; b&gt;")]
    [InlineData("'a b&c' | url_encode", "a+b%26c")]
    [InlineData("'a+b%26c' | url_decode", "a b&c")]
    [InlineData("'ü' | base64_encode | base64_decode", "ü")]
    [InlineData("s | truncate: 8", "Hello...")]
    [InlineData("s | truncate: 6, ''", "Hello ")]
    [InlineData("'👩👩👩👩👩' | truncate: 6", "👩...")]
    [InlineData("s | truncatewords: 1", "Hello...")]
    [InlineData("s | truncatewords: 2", "Hello World")]
    [InlineData("'a,b,,' | split: ','", "[\"a\",\"b\"]")]
    [InlineData("'ab' | split: ''", "[\"a\",\"b\"]")]
    [InlineData("' a  b ' | split: ' ' | join: '-'", "a-b")]
    [InlineData("s | slice: 1, 3", "ell")]
    [InlineData("s | slice: -5, 5", "World")]
    [InlineData("s | slice: -5", "W")]
    [InlineData("5 | minus: -2.5 | at_least: -1", "7.5")]
    [InlineData("l | slice: 1, 9", "[1,2]")]
    [InlineData("s | slice: 99, 2", "")]
    [InlineData("s | size", "11")]
    [InlineData("l | size", "3")]
    [InlineData("l | sort | join", "1 2 3")]
    [InlineData("w | sort", "[\"A\",\"a\",\"b\",null]")]
    [InlineData("w | sort_natural", "[\"A\",\"a\",\"b\",null]")]
    [InlineData("w | compact | reverse | first", "a")]
    [InlineData("l | last", "2")]
    [InlineData("o | map: 'k' | uniq", "[\"x\",\"y\"]")]
    [InlineData("o | where: 'k', 'x' | size", "2")]
    [InlineData("o | where: 'n' | size", "2")]
    [InlineData("o | sum: 'n'", "3.5")]
    [InlineData("l | sum", "6")]
    [InlineData("o | sort: 'n' | map: 'n'", "[1,2.5,null]")]
    [InlineData("l | concat: l | uniq | json", "[3,1,2]")]
    [InlineData("o[0] | json", "{\"k\":\"x\",\"n\":1}")]
    [InlineData("s | json", "\"Hello World\"")]
    [InlineData("e | default: 'd'", "d")]
    [InlineData("f | default: 'd'", "d")]
    [InlineData("f | default: 'd', allow_false: true", "false")]
    [InlineData("z | default: 'd'", "0")]
    [InlineData("nil | default: 'd'", "d")]
    [InlineData("'a\nb' | newline_to_br", "a<br />\nb")]
    [InlineData("'a\nb' | strip_newlines", "ab")]
    [InlineData(
        "'2024-03-05T14:07:09Z' | date: '%Y-%m-%d %H:%M:%S %b %-d %j %A %I %p %s %%'",
        "2024-03-05 14:07:09 Mar 5 065 Tuesday 02 PM 1709647629 %"
    )]
    [InlineData("0 | date: '%F %T'", "1970-01-01 00:00:00")]
    [InlineData("'soon' | date: '%F'", "soon")]
    public void Filter_Standard(string expression, string expected) =>
        Render($"{{{{ {expression} }}}}", Data, "l", "w", "o", "s", "e", "f", "z").Should().Be(expected);

    [Theory]
    [InlineData("1 | divided_by: 0", "zero")]
    [InlineData("1 | modulo: 0", "zero")]
    [InlineData("'now' | date: '%F'", "differently")]
    [InlineData("'1999-01-01' | date: '%q'", "%q")]
    [InlineData("'?' | base64_decode", "Base64")]
    public void Filter_Misused_SaysWhy(string expression, string message) =>
        TryRender($"{{{{ {expression} }}}}").Problem!.Message.Should().Contain(message);

    [Fact]
    public void Names_AreTheStandardOnes() =>
        LiquidFilters
            .Names.Should()
            .Contain(
                (
                    "abs append at_least at_most capitalize ceil compact concat date default divided_by downcase escape "
                    + "escape_once first floor join json last lstrip map minus modulo newline_to_br plus prepend remove "
                    + "remove_first replace replace_first reverse round rstrip size slice sort sort_natural split strip "
                    + "strip_html strip_newlines sum times truncate truncatewords uniq upcase url_decode url_encode where"
                ).Split(' ')
            );

    [Fact]
    public void Filter_ByCulture_IsTheSame()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new("tr-TR");
            Render("{{ 1.5 | plus: 1 }} {{ 'i' | upcase }}").Should().Be("2.5 I");
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }
}
