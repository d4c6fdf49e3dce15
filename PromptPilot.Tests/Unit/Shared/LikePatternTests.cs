using FluentAssertions;
using PromptPilot.Core.Shared;
using Xunit;

namespace PromptPilot.Tests.Unit.Shared;

public sealed class LikePatternTests
{
    [Theory]
    [InlineData("", "%%")]
    [InlineData("notes", "%notes%")]
    [InlineData("50%", """%50\%%""")]
    [InlineData("gpt_fast", """%gpt\_fast%""")]
    [InlineData("""C:\new""", """%C:\\new%""")]
    [InlineData("""\%_""", """%\\\%\_%""")]
    public void Containing_Wildcards_AreEscaped(string text, string pattern) => LikePattern.Containing(text).Should().Be(pattern);

    [Fact]
    public void ContainingInJson_QuotesAndLineBreaks_AreWrittenAsInJson() =>
        LikePattern.ContainingInJson("say \"hi\"\n").Should().Be("""%say \\"hi\\"\\n%""");
}
