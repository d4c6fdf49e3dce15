using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using static PromptPilot.Tests.Unit.Liquid.Liquids;

namespace PromptPilot.Tests.Unit.Liquid;

public class LiquidTemplateTests
{
    [Theory]
    [InlineData("Hi {{ name }}!", "Hi Ada!")]
    [InlineData(
        "{{ ticket.title }} {{ ticket['title'] }} {{ list[0] }}{{ list[-1] }}{{ list.first }}{{ list.last }} {{ list.size }}",
        "Crash Crash acac 3"
    )]
    [InlineData("{{ list }} {{ ticket }}", "[\"a\",\"b\",\"c\"] {\"title\":\"Crash\",\"open\":true}")]
    [InlineData("{% if ticket.open %}open{% else %}closed{% endif %}", "open")]
    [InlineData(
        "{% if zero %}0 is true{% endif %}{% if blank_text %} '' is true{% endif %}{% if no %}no{% elsif list contains 'b' %} b{% endif %}",
        "0 is true '' is true b"
    )]
    [InlineData("{% unless no %}u{% else %}e{% endunless %}{% unless zero %}x{% elsif name == 'Ada' %}a{% endunless %}", "ua")]
    [InlineData("{% case name %} junk {% when 'Bob', 'Eve' %}1{% when 'X' or 'Ada' %}2{% else %}3{% endcase %}", "2")]
    [InlineData("{% for x in list %}{{ forloop.index }}{{ x }}{% unless forloop.last %}, {% endunless %}{% endfor %}", "1a, 2b, 3c")]
    [InlineData("{% for x in list reversed limit: 2 offset:1 %}{{ x }}{% endfor %}", "cb")]
    [InlineData("{% for i in (1..zero) %}{{ i }}{% else %}none{% endfor %}{% for i in (1..3) %}{{ i }}{% endfor %}", "none123")]
    [InlineData(
        "{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i > 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
        "134"
    )]
    [InlineData(
        "{% for a in list %}{% for b in list %}{{ a }}{{ b }}{{ forloop.index }} {% endfor %}{% endfor %}",
        "aa1 ab2 ac3 ba1 bb2 bc3 ca1 cb2 cc3 "
    )]
    [InlineData("{% if zero > -1 and list[-1] == 'c' %}y{% endif %}{% for i in (-1..1) %}{{ i }}{% endfor %}", "y-101")]
    [InlineData("{% for pair in ticket %}{{ pair[0] }}={{ pair[1] }};{% endfor %}", "title=Crash;open=true;")]
    [InlineData("{% assign x = name | upcase | append: '!' %}{{ x }}{% capture y %}<{{ x }}>{% endcapture %}{{ y }}", "ADA!<ADA!>")]
    [InlineData("{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'g': 1, 2 %}{% cycle 'g': 3, 4 %}", "aba14")]
    [InlineData("{% increment n %}{% increment n %}{% decrement m %}", "01-1")]
    [InlineData("{% increment n %}{{ n }}{% decrement m %}{{ m }}", "01-1-1")]
    [InlineData("{% cycle 1, 2 %}{% cycle 1, 2, 3 %}{% cycle 1, 2, 3 %}{% cycle 1, 2 %}", "1122")]
    [InlineData(
        "{% raw %}{{ x }} {% foo %}{% endraw %}{% comment %} {{ broken {% x %} {% endcomment %}.{%- comment -%} a {%- endcomment -%}",
        "{{ x }} {% foo %}."
    )]
    [InlineData("a  {{- name -}}  b {%- if zero -%} c {%- endif %} d", "aAdabc d")]
    [InlineData("{{ name\n  | upcase\n}}", "ADA")]
    [InlineData("{% if name == 'Ada'\n and zero == 0 %}y{% endif %}", "y")]
    [InlineData("{% if no and name or name %}y{% else %}n{% endif %}", "n")]
    [InlineData(
        "{% if list == empty %}e{% endif %}{% if blank_text == empty %}e{% endif %}{% if blank_text == blank %}b{% endif %}{% "
            + "if name != nil %}n{% endif %}",
        "ebn"
    )]
    [InlineData("{{ '}}' }} } }} { {% if name contains '%}' %}{% endif %}", "}} } }} { ")]
    [InlineData("{{ price }} {{ big }} {{ zero }} {{ 1.50 }} {{ -3 }} {{ true }}{{ nil }}", "3.10 12345678901234567890 0 1.5 -3 true")]
    [InlineData("{% echo name %}", "Ada")]
    public void Render_Standard_Liquid(string template, string expected) =>
        Render(
                template,
                """{"name":"Ada","ticket":{"title":"Crash","open":true},"list":["a","b","c"],"zero":0,"no":false,"blank_text":"","price":3.10,"big":12345678901234567890}"""
            )
            .Should()
            .Be(expected);

    /// <summary>Each row is something that Scriban alone does otherwise.</summary>
    [Theory]
    [InlineData("{% if a or no and no %}y{% else %}n{% endif %}", "y")]
    [InlineData("{% for x in list limit: 0 %}{{ x }}{% else %}none{% endfor %}", "none")]
    [InlineData("{% for x in list reversed limit: 1 %}{{ x }}{% endfor %}", "a")]
    [InlineData("{% for i in (3..1) %}{{ i }}{% else %}none{% endfor %}", "none")]
    [InlineData("{% for x in text %}{{ x }}{% endfor %}{% for x in nil %}{{ x }}{% endfor %}", "abc")]
    [InlineData("{% assign r = (1..3) | reverse %}{{ r }}{{ r.first }}{{ r.size }}", "[3,2,1]33")]
    [InlineData("{{ list contains 'b' }} {{ text contains 'd' }} {{ one == 1.0 }} {{ text == nil }} {{ nil }}", "true false true false ")]
    [InlineData("{{ text[0] }}|{{ list[9] }}|{{ list[nil] }}|{{ one.two.three }}|{{ list['first'] }}", "||||a")]
    [InlineData("{{ o.size }} {{ o.count }} {{ o.keys }} {{ text.length }}", "1  c ")]
    [InlineData("{{ end }}{{ while }}{{ import }}{{ ret }}{{ wrap }}{{ readonly }}", "123456")]
    [InlineData("{% assign end = 7 %}{{ end }}{% for ret in list %}{{ ret }}{% endfor %}", "7abc")]
    [InlineData("{% case '1' %}{% when one %}bad{% else %}ok{% endcase %}{% case 1.0 %}{% when 5, one %}ok{% endcase %}", "okok")]
    [InlineData("{% for x in list %}{% case x %}{% when 'b' %}{% break %}{% else %}{{ x }}{% endcase %}{% endfor %}", "a")]
    [InlineData("{% capture c %}{{ one }}{% endcapture %}{{ c | append: '!' }}{{ c.size }}", "1!1")]
    [InlineData("a {%- raw -%} {{ x }} {%- endraw -%} b {%- comment -%} c {%- endcomment -%} d", "a {{ x }} bd")]
    [InlineData("{% raw -%}\n a {%- comment -%} {%- endraw %} b", "\n a {%- comment -%}  b")]
    [InlineData("{% if one <> 2 %}y{% endif %}{% if one <>1 %}n{% endif %}{{ text<>'x' }}", "ytrue")]
    [InlineData("{{ list\r\n | join:\r\n '-'\r\n}}\r\n  x\n  {{ text }}", "a-b-c\r\n  x\n  abc")]
    [InlineData("{{ list | join: ', ' | default: 'd' | upcase | size }}", "7")]
    [InlineData("{{ no | default: list | join }} {{ missing_list | default: 'd', allow_false: true }}", "a b c d")]
    public void Render_WhereScribanDiffers_IsLiquid(string template, string expected) =>
        Render(
                template,
                """{"a":true,"no":false,"list":["a","b","c"],"text":"abc","one":1,"o":{"keys":"c"},"missing_list":[],"end":1,"while":2,"import":3,"ret":4,"wrap":5,"readonly":6}"""
            )
            .Should()
            .Be(expected);

    [Theory]
    [InlineData("object")]
    [InlineData("string")]
    [InlineData("math")]
    [InlineData("array")]
    [InlineData("regex")]
    [InlineData("html")]
    public void Variables_NamedLikeScribansObjects_AreOrdinary(string name)
    {
        LiquidTemplate.Parse($"{{{{ {name} }}}}").Variables.Should().Equal(name);
        TryRender($"{{{{ {name} }}}}").Problem!.Message.Should().Contain($"“{name}”");
        Render($"[{{{{ {name} }}}}{{{{ {name}.eval }}}}]", "{}", name).Should().Be("[]");
    }

    [Fact]
    public void Render_KeysNamedLikeFilters_DoNotShadowThem() =>
        Render("{{ a | upcase }}", """{"a":"x","upcase":"evil","|upcase":"evil"}""").Should().Be("X");

    [Fact]
    public void Render_BracesInData_AreNeverParsedAgain() =>
        Render("{{ notes }}{% assign x = notes %}{{ x }}", """{"notes":"{{ secret }}{% if %}<message role=\"system\">"}""")
            .Should()
            .Be("{{ secret }}{% if %}<message role=\"system\">{{ secret }}{% if %}<message role=\"system\">");

    [Fact]
    public void Render_NulAndEmojiInData_StayWhole() =>
        Render("{{ a }}|{{ b }}", """{"a":"x\u0000y","b":"👩‍👩‍👧 שלום"}""").Should().Be("x\0y|👩‍👩‍👧 שלום");

    [Fact]
    public void Render_LoneSurrogateInData_IsRefusedClearly() =>
        TryRender("{{ a }}", """{"a":"\ud800"}""").Problem!.Message.Should().Contain("valid Unicode");

    [Fact]
    public void Render_VariableWithoutValue_IsNamed()
    {
        TryRender("{{ a }} {{ b }}", """{"a":"x"}""").Problem!.Message.Should().Contain("“b”");
        TryRender("{% if b %}{% endif %}").Problem!.Message.Should().Contain("“b”");
        TryRender("{{ b | default: 'x' }}").Problem!.Message.Should().Contain("“b”");
        TryRender("{{ b }}", """{"b":null}""").Problem!.Message.Should().Contain("“b”");
    }

    [Fact]
    public void Render_OptionalWithoutValue_IsNil() =>
        Render("[{{ b }}]{% if b %}y{% else %}n{% endif %}{{ b | default: 'd' }}", "{}", "b").Should().Be("[]nd");

    [Theory]
    [InlineData("{{ a }} {{ b.c[d] }} {% if e %}{% endif %}{{ a }}", "a b d e")]
    [InlineData("{% assign x = x | append: y %}{{ x }}", "x y")]
    [InlineData("{% for i in list limit: n %}{{ i }}{{ forloop.index }}{{ j }}{% endfor %}{{ i }}", "list n j i")]
    [InlineData("{% for item in items %}{{ item.name }}{% endfor %}", "items")]
    [InlineData("{% capture c %}{{ z }}{% endcapture %}{{ c }}{% increment n %}{{ n }}", "z")]
    [InlineData("{% case k %}{% when w %}{% endcase %}{% cycle a, b %}{% for i in (p..q) %}{% endfor %}", "k w a b p q")]
    [InlineData("{{ x | default: y, allow_false: true | where: 'a', z }}", "x y z")]
    [InlineData("{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}{{ 'lit' }}", "")]
    [InlineData("{{ a }}{% assign a = 1 %}{{ a }}", "a")]
    public void Variables_AreTheFreeOnes(string template, string expected)
    {
        var parsed = LiquidTemplate.Parse(template);
        parsed.Errors.Should().BeEmpty();
        string.Join(' ', parsed.Variables).Should().Be(expected);
    }

    [Theory]
    [InlineData("{{ a | nope }}", 1, 8, "no filter “nope”")]
    [InlineData("ab\n {% foo %}", 2, 5, "no tag “foo”")]
    [InlineData("{% if a %}x", 1, 4, "never closed")]
    [InlineData("{% if a %}x{% else %}y", 1, 4, "never closed")]
    [InlineData("{% endif %}", 1, 4, "has nothing to close")]
    [InlineData("{% for x in y %}{% endif %}", 1, 20, "does not fit")]
    [InlineData("{% else %}", 1, 4, "not inside an if")]
    [InlineData("{{ 'abc }}", 1, 4, "quote")]
    [InlineData("{{ a", 1, 1, "never closed")]
    [InlineData("{% raw %}{{ a", 1, 4, "never closed")]
    [InlineData("{% break %}", 1, 4, "not inside a loop")]
    [InlineData("{{ a | }}", 1, 8, "expression")]
    [InlineData("{{ }}", 1, 4, "missing")]
    [InlineData("{% if %}{% endif %}", 1, 7, "missing")]
    [InlineData("{{ a b }}", 1, 4, "bar")]
    [InlineData("{{ a = 5 }}", 1, 4, "cannot assign")]
    [InlineData("{{ x | object.eval_template }}", 1, 8, "not a filter name")]
    [InlineData("{{ upcase 'x' }}", 1, 4, "bar")]
    [InlineData("{{ call(1) }}", 1, 4, "filter")]
    [InlineData("{{ [1,2] }}", 1, 4, "Liquid")]
    [InlineData("{{ {a:1} }}", 1, 4, "is not allowed")]
    [InlineData("{{ date }}", 1, 4, "filter")]
    [InlineData("{{ upcase }}", 1, 4, "filter")]
    [InlineData("{{ item }}", 1, 4, "reserved")]
    [InlineData("{{ run.id }}", 1, 4, "reserved")]
    [InlineData("{{ e\u0301 }}", 1, 4, "written as two characters")]
    [InlineData("{{ a-b }}", 1, 4, "underscores")]
    [InlineData("{{ forloop.index }}", 1, 4, "inside")]
    [InlineData("{{ a | truncate: 1, 2, 3 }}", 1, 8, "0 to 2")]
    [InlineData("{{ a | truncate: length: 3 }}", 1, 18, "option")]
    [InlineData("{{ a | upcase == 'A' }}", 1, 8, "assign")]
    [InlineData("{% render 'x' %}", 1, 4, "no tag")]
    [InlineData("{% assign nil = 1 %}", 1, 11, "reserved")]
    [InlineData("a\0b", 1, 2, "NUL")]
    [InlineData("{{ a + b }}", 1, 6, "+")]
    [InlineData("{{ a ? b : c }}", 1, 6, "?")]
    [InlineData("{{ this.a }}", 1, 4, "reserved")]
    [InlineData("{{ func }}", 1, 4, "reserved")]
    [InlineData("{{ ticket.a-b }}", 1, 11, "underscores")]
    [InlineData("{% # note %}", 1, 4, "comment")]
    [InlineData("{% for a in b %}{{ forloop.parentloop }}{% endfor %}", 1, 20, "“forloop” has index, index0")]
    [InlineData("{{ a < > b }}", 1, 8, "between two values")]
    [InlineData("{% for a in b wrong: 1 %}{% endfor %}", 1, 15, "option")]
    [InlineData("{{ (a == b) }}", 1, 4, "parentheses")]
    [InlineData("{{ a startsWith b }}", 1, 4, "operator")]
    [InlineData("{% foo %}{% endfoo %}", 1, 4, "no tag")]
    [InlineData("{% tablerow a in b %}{% endtablerow %}", 1, 4, "no tag")]
    public void Parse_Mistake_HasLineAndColumn(string template, int line, int column, string message)
    {
        var errors = LiquidTemplate.Parse(template).Errors;
        errors.Should().NotBeEmpty();
        errors[0].Message.Should().Contain(message);
        (errors[0].Line, errors[0].Column).Should().Be((line, column));
    }

    /// <summary>The message says how to write what was never meant for Liquid.</summary>
    [Theory]
    [InlineData("{% foo %}")]
    [InlineData("{{#if a}}x{{/if}}")]
    [InlineData("{{> part }}")]
    [InlineData("{{ {\"a\": 1} }}")]
    [InlineData("a {{ b")]
    [InlineData("{{}}")]
    [InlineData("\\frac{{a}{b}}")]
    [InlineData("{{ user-name }}")]
    [InlineData("{{ user name }}")]
    public void Parse_BracesThatMayBeText_SaysHowToWriteThem(string template)
    {
        LiquidTemplate.Parse(template).Errors.Should().ContainSingle().Which.Message.Should().EndWith(AsText);
        LiquidTemplate.Parse("{% raw %}" + template + "{% endraw %}").Errors.Should().BeEmpty("that is how");
    }

    [Theory]
    [InlineData("{{ a | nope }}")]
    [InlineData("{% if a %}x")]
    [InlineData("{{ run }}")]
    [InlineData("{% for a in b %}{{ forloop.name }}{% endfor %}")]
    public void Parse_AnotherMistake_SaysNothingOfText(string template) =>
        LiquidTemplate.Parse(template).Errors[0].Message.Should().NotContain("raw");

    [Theory]
    [InlineData("a\n{# note #}", 2, "comment in Jinja")]
    [InlineData("{% for a in b %}{{ loop.index }}{% endfor %}", 1, "forloop.index")]
    [InlineData("{% raw %}{# note #}{% endraw %}", 0, "")]
    [InlineData("{% for loop in b %}{{ loop.index }}{% endfor %}", 0, "")]
    [InlineData("{{ loop.index }}", 0, "")]
    public void Parse_JinjaThatMeansSomethingElse_IsAWarning(string template, int line, string message)
    {
        var parsed = LiquidTemplate.Parse(template);
        parsed.Errors.Should().BeEmpty();
        parsed.Warnings.Select(warning => warning.Line).Should().Equal(line == 0 ? [] : [line]);
        parsed.Warnings.All(warning => warning.Message.Contains(message, StringComparison.Ordinal)).Should().BeTrue();
    }

    public static TheoryData<string> NamesOfTheWorld { get; } =
        new(
            "Name",
            "userName",
            "größe",
            "Straße_2",
            "имя",
            "όνομα",
            "名前",
            "备注",
            "이름",
            "नाम",
            "हिन्दी",
            "ชื่อ",
            "பெயர்",
            "اسم",
            "שם",
            "𠮷野",
            "𐌰𐌱"
        );

    /// <summary>Names keep their letters and their case wherever a template can have one.</summary>
    [Theory]
    [MemberData(nameof(NamesOfTheWorld))]
    public void Name_InAnyScript_IsReadBoundAndRendered(string name)
    {
        const string Pattern =
            "{{ N }}|{{ N.N }}|{{ N['N'] }}|{% if N.N == 'N' %}yes{% endif %}|{% for N_x in N.list %}{{ N_x | append: N.N }},{% endfor %}"
            + "|{% assign N_y = N.N | append: '!' %}{{ N_y }}|{% capture N_z %}<{{ N.N }}>{% endcapture %}{{ N_z }}|{% increment "
            + "N_c %}{% increment N_c %}"
            + "|N {{ 'N' }}{% raw %}{{ N }}{% endraw %}{% comment %}{{ N }}{% endcomment %}";
        var template = LiquidTemplate.Parse(Pattern.Replace("N", name));
        template.Errors.Should().BeEmpty();
        template.Variables.Should().Equal(name);
        var value = JsonSerializer.SerializeToElement(
            new Dictionary<string, object> { [name] = name, ["list"] = new[] { "a", "b" } },
            AppJson.Options
        );

        var rendered = template.Render(new Dictionary<string, JsonElement> { [name] = value }, [], CancellationToken.None);

        rendered
            .Value.Should()
            .Be($"{value.GetRawText()}|{name}|{name}|yes|a{name},b{name},|{name}!|<{name}>|01|{name} {name}{{{{ {name} }}}}");
        LiquidTemplate
            .Parse($"a\n{{{{ {name} }}}} {{{{ {name} | nope }}}}")
            .Errors.Select(error => (error.Line, error.Column))
            .Should()
            .Equal((2, 14 + (2 * name.Length)));
        LiquidExpression.Parse($"{name}.{name}").Reads.Should().Equal(name);
        LiquidExpression
            .Parse($"{name}.{name}")
            .Evaluate(new Dictionary<string, JsonElement> { [name] = value }, CancellationToken.None)
            .Value.GetString()
            .Should()
            .Be(name);
    }

    [Fact]
    public void Name_OfManyScripts_AreKeptApart()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"क{(char)('क' + (i % 30))}ि{i}").Distinct().ToList();
        var template = LiquidTemplate.Parse(string.Concat(names.Select(name => $"{{{{ {name} }}}},")));
        template.Variables.Should().Equal(names);
        template
            .Render(names.ToDictionary(name => name, name => AppJson.Text(name)), [], CancellationToken.None)
            .Value.Should()
            .Be(string.Concat(names.Select(name => name + ",")));
    }

    [Theory]
    [InlineData("plain {a}")]
    [InlineData("{{ a }} {% if %}")]
    [InlineData("{% raw %}{{ a }}{% endraw %}")]
    [InlineData("{% endraw %}{{%}}")]
    [InlineData("{{{{{%")]
    public void Of_AnyText_RendersToIt(string text) =>
        LiquidTemplate
            .Parse(LiquidTemplate.Of(text))
            .Render(new Dictionary<string, JsonElement>(), [], CancellationToken.None)
            .Value.Should()
            .Be(text);

    private const string AsText = "put them between {% raw %} and {% endraw %}.";

    [Fact]
    public void Parse_LoneSurrogate_IsAnError() =>
        LiquidTemplate.Parse("a" + '\ud800' + "b").Errors.Should().ContainSingle().Which.Message.Should().Contain("surrogate");

    [Fact]
    public void Parse_SeveralMistakes_AreAllReported() =>
        LiquidTemplate.Parse("{{ a | x }}\n{{ b | y }}").Errors.Select(e => e.Line).Should().Equal(1, 2);

    [Fact]
    public void Render_TextAgainstNumber_IsAnErrorWithPlace() =>
        TryRender("{% if a > 3 %}{% endif %}", """{"a":"5"}""")
            .Problem!.Message.Should()
            .StartWith("Line 1, column 7")
            .And.Contain("compared");

    [Fact]
    public void Parse_SameText_IsCached() =>
        LiquidTemplate.Parse("cached {{ once }}").Should().BeSameAs(LiquidTemplate.Parse("cached {{ once }}"));
}
