using System.Text;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Tests.Unit.Controls;

public class FormatTests
{
    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(340, "340 ms")]
    [InlineData(4_600, "4.6 s")]
    [InlineData(59_960, "0 min 59 s")]
    [InlineData(125_000, "2 min 5 s")]
    [InlineData(4_320_000, "1 h 12 min")]
    public void Duration_ReadsAsPeopleSayIt(long milliseconds, string expected) => Format.Duration(milliseconds).Should().Be(expected);

    [Theory]
    [InlineData(0, "$0")]
    [InlineData(1_000, "<$0.0001")]
    [InlineData(14_700_000, "$0.0147")]
    [InlineData(500_000_000, "$0.50")]
    [InlineData(1_234_560_000_000, "$1,234.56")]
    public void Money_ShowsTheFiguresThatMatter(long nanos, string expected) => Format.Money(nanos).Should().Be(expected);

    [Theory]
    [InlineData(4_812, "4,812")]
    [InlineData(123_456, "123.5k")]
    [InlineData(2_500_000, "2.5M")]
    public void Tokens_AreShortWhenMany(long tokens, string expected) => Format.Tokens(tokens).Should().Be(expected);

    [Theory]
    [InlineData(2, "just now")]
    [InlineData(59, "59 seconds ago")]
    [InlineData(60, "1 minute ago")]
    [InlineData(7_200, "2 hours ago")]
    [InlineData(200_000, "2 days ago")]
    [InlineData(-600, "in 10 minutes")]
    public void Ago_CountsInTheLargestUnit(int seconds, string expected)
    {
        var now = new DateTime(2026, 3, 4, 9, 0, 0, DateTimeKind.Utc);
        Format.Ago(now.AddSeconds(-seconds), now).Should().Be(expected);
    }

    [Fact]
    public void FieldErrors_TellEachAtItsFieldAndTheRestTogether()
    {
        var errors = new FieldErrors(
            Problem.Invalid("Not saved.", new FieldError("name", "Enter a name."), new FieldError("content", "Unknown tag.", 3, 7))
        );

        errors.At("name").Should().Be("Enter a name.");
        errors.At("content").Should().Be("Line 3, column 7: Unknown tag.");
        errors.At("other").Should().BeNull();
        errors.Rest("name").Should().Be("Not saved. content: Line 3, column 7: Unknown tag.");
        FieldErrors.None.Rest().Should().BeNull();
    }

    [Fact]
    public void TextFile_ReadsUtf8Utf16AndLatin1_AndRefusesBinary()
    {
        TextFile.Read([0xEF, 0xBB, 0xBF, .. "Grüße"u8]).Should().Be("Grüße");
        TextFile.Read([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Grüße")]).Should().Be("Grüße");
        TextFile.Read(Encoding.Latin1.GetBytes("Grüße")).Should().Be("Grüße");
        TextFile.Read([0x50, 0x4B, 0, 4]).Should().BeNull();
    }
}
