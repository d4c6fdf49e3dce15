using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Tests.Unit.Markdown;

public sealed class MarkdownExcerptTests
{
    [Theory]
    [InlineData("## Summary\n\nThe **October release** is `late`.", "Summary The October release is late.")]
    [InlineData("- one\n- two\n3. three", "one two three")]
    [InlineData("2 * 3 is 6, and C# is a language", "2 * 3 is 6, and C# is a language")]
    public void Of_AnOutput_IsOneLineWithoutMarks(string text, string expected) => MarkdownExcerpt.Of(text, 80).Should().Be(expected);

    [Fact]
    public void Of_ALongOutput_EndsWithAnEllipsis() => MarkdownExcerpt.Of("**Words** and more", 8).Should().Be("Words a…");
}
