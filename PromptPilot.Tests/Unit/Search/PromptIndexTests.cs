using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Indexes;
using PromptPilot.Core.Search;

namespace PromptPilot.Tests.Unit.Search;

public class PromptIndexTests
{
    [Theory]
    [InlineData("meeting notes", "\"meeting\" \"notes\"")]
    [InlineData("say \"hi!\" NOT AND near(", "\"say\" \"\"\"hi!\"\"\" \"NOT\" \"AND\" \"near(\"")]
    [InlineData("name:x* ^y -z", "\"name:x*\"")]
    [InlineData("会议 会议记录", "\"会议记录\"")]
    [InlineData("a bc", "")]
    [InlineData("😀😀 😀😀😀", "\"😀😀😀\"")]
    public void Match_QuotesEachWordThatIsLongEnough(string text, string expected) =>
        FullTextIndex.Match(PromptIndex.Indexed(PromptIndex.Words(text))).Should().Be(expected);

    [Fact]
    public void Words_OfAVeryLongText_AreCut() =>
        PromptIndex.Words(string.Join(' ', Enumerable.Repeat("word", 10_000))).Count.Should().BeLessThanOrEqualTo(12);
}
