using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using static PromptPilot.Tests.Unit.Liquid.Liquids;

namespace PromptPilot.Tests.Unit.Liquid;

public class LiquidLimitsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Hostile { get; } =
        new()
        {
            "{% for i in (1..100000000) %}x{% endfor %}",
            "{% for i in (1..9223372036854775807) %}x{% endfor %}",
            "{% for i in (1..9000) %}{% for j in (1..9000) %}{% endfor %}{% endfor %}",
            "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
            "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..60) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}",
            "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | replace: 'x', a %}{% endfor %}",
            "{% assign a = (1..1000) | reverse %}{% for i in (1..60) %}{% assign a = a | concat: a %}{% endfor %}",
            "{{ (1..100000000) | join: ',' }}",
            "{% assign r = (1..100000000) %}{{ r | json }}",
            "{% assign l = (1..300000) | reverse %}{% for i in (1..90000) %}{% assign s = l | sort | reverse %}{% endfor %}",
            "{% for i in (1..90000) %}{{ '0123456789012345678901234567890123456789012345678901234567890123456789' }}{% endfor %}",
        };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Render_EndlessOrHuge_IsStoppedInTime(string template)
    {
        var clock = Stopwatch.StartNew();
        TryRender(template).Problem.Should().NotBeNull();
        clock.Elapsed.Should().BeLessThan(Patience);
    }

    [Fact]
    public void Parse_DeepNesting_IsAnError()
    {
        LiquidTemplate.Parse(Repeat("{% if a %}", 100_000)).Errors.Should().ContainSingle().Which.Message.Should().Contain("deep");
        LiquidTemplate.Parse(Repeat("{% if a %}", 40) + Repeat("{% endif %}", 40)).Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("{{ a", " | upcase", " }}")]
    [InlineData("{{ a", ".b", " }}")]
    [InlineData("{{ a", "[0]", " }}")]
    [InlineData("{{ a", " and b", " }}")]
    [InlineData("{{ ", "(", " }}")]
    [InlineData("{{ ", "-", "1 }}")]
    [InlineData("{{ ", "[", " }}")]
    [InlineData("{{ a ", "== b ", " }}")]
    public void Parse_LongExpression_NeverOverflows(string start, string middle, string end)
    {
        foreach (var times in new[] { 100, 700, 100_000 })
        {
            var template = LiquidTemplate.Parse(start + Repeat(middle, times) + end);
            template.Render(
                new Dictionary<string, JsonElement> { ["a"] = AppJson.Text("x"), ["b"] = AppJson.Text("y") },
                [],
                TestContext.Current.CancellationToken
            );
            (template.Errors.Count > 0 || times < 100_000).Should().BeTrue();
        }
    }

    [Fact]
    public void Parse_TooLongText_IsAnError() => LiquidTemplate.Parse(new string('x', (1024 * 1024) + 1)).Errors.Should().ContainSingle();

    [Fact]
    public void Parse_ManyBraces_TakesNoTime()
    {
        var clock = Stopwatch.StartNew();
        foreach (var piece in new[] { "{", "{{", "{% ", "{%", "{{ a }}", "{% raw %}", "{% comment %}", "'", "{{'" })
        {
            LiquidTemplate.Parse(Repeat(piece, 250_000 / piece.Length));
        }

        clock.Elapsed.Should().BeLessThan(Patience);
    }

    [Fact]
    public void Render_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var render = () => LiquidTemplate.Parse("{% for i in (1..10) %}{% endfor %}").Render(Values(), [], source.Token);
        render.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Render_SmallTemplate_IsFast()
    {
        var template = LiquidTemplate.Parse(
            "Summarize for {{ tone }}: {{ notes | truncate: 50 }}{% for i in list %}- {{ i }}\n{% endfor %}"
        );
        var values = Values(
            """{"tone":"friendly","notes":"Delivery was late again and nobody answered the telephone for a week.","list":["a","b","c"]}"""
        );
        for (var i = 0; i < 2_000; i++)
        {
            template.Render(values, [], CancellationToken.None);
        }

        var times = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var start = Stopwatch.GetTimestamp();
            template.Render(values, [], CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        times.Order().ElementAt(100).Should().BeLessThan(100, "a small template renders in under 100 µs (median)");
    }

    [Fact]
    public void Render_ByManyThreads_IsRight() =>
        Parallel.For(
            0,
            500,
            i =>
                Render("{% assign x = n | times: 2 %}{% for k in (1..3) %}{{ x }}{% cycle 'a','b' %}{% endfor %}", $$"""{"n":{{i}}}""")
                    .Should()
                    .Be($"{2 * i}a{2 * i}b{2 * i}a")
        );

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
