using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Tokens;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Workflows.Editing;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>What people and models write is read, counted and shown in bounded time, whatever it is.</summary>
public sealed class CostlyTextTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public CostlyTextTests() => _ = TokenCount.Of("Loads the encoding. 😀", "gpt-4o");

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("!")]
    [InlineData("\n")]
    [InlineData("😀")]
    [InlineData("漢")]
    [InlineData("aB1 ")]
    [InlineData("e\u0301")]
    public void TokenCount_OfALongRun_IsBounded(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 200_000 / unit.Length));

        CpuTime.Of(() => TokenCount.Of(text, "gpt-4o").Tokens.Should().BePositive()).Should().BeLessThan(Limit);
    }

    [Fact]
    public void TokenCount_OfUsualText_IsExact_AndOfARunAnEstimate()
    {
        TokenCount.Of(MarkdownTexts.Usual(5_000), "gpt-4o").IsExact.Should().BeTrue();
        TokenCount.Of(new string('a', 800), "gpt-4o").Should().Match<TokenCount>(count => !count.IsExact && count.Tokens > 50);
    }

    [Theory]
    [InlineData("# ", " ", "x")]
    [InlineData("# a", "#", "a")]
    [InlineData("**", "a", "")]
    [InlineData("", "[](", "")]
    [InlineData("", "**a", "")]
    [InlineData("", "- ", "")]
    public void SlackText_OfALongLine_IsBounded(string start, string unit, string end)
    {
        var text = start + string.Concat(Enumerable.Repeat(unit, 300_000 / unit.Length)) + end;

        CpuTime.Of(() => SlackText.OfMarkdown(text).Should().NotBeEmpty()).Should().BeLessThan(Limit);
    }

    [Fact]
    public void Pretty_OfDeepJson_GrowsNoHundredfold()
    {
        var json = new string('[', 50) + string.Join(',', Enumerable.Repeat("0", 200_000)) + new string(']', 50);

        RunPageModel.Pretty(json).Should().Be(json);
        RunPageModel.Pretty("{\"a\":1}").Should().Be("{\n  \"a\": 1\n}".ReplaceLineEndings());
    }

    [Fact]
    public void Comparison_OfManySmallWords_IsBounded()
    {
        var left = Words("a");
        var right = Words("b");

        CpuTime.Of(() => TextComparison.Of(left, right)).Should().BeLessThan(Limit * 2);

        static string Words(string word) =>
            string.Concat(
                Enumerable
                    .Range(0, 30)
                    .Select(line => string.Concat(Enumerable.Range(0, 700).Select(i => $"{word}{i % 9} ")) + $"\nthe same line {line}\n")
            );
    }
}
