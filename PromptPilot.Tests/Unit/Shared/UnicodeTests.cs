using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Shared;

public class UnicodeTests
{
    /// <summary>In code, since an attribute cannot carry half a character either.</summary>
    private static readonly (string Text, string Expected)[] Cases =
    [
        ("", ""),
        ("plain", "plain"),
        ("a\0b", "a\uFFFDb"),
        ("\ud83d", "\uFFFD"),
        ("\ude80\ud83d", "\uFFFD\uFFFD"),
        ("\ud83d\ud83d\ude80", "\uFFFD\ud83d\ude80"),
        ("\ud83d\ude80", "\ud83d\ude80"),
    ];

    [Fact]
    public void WellFormed_OfAText_ReplacesWhatCannotBeStored()
    {
        foreach (var (text, expected) in Cases)
        {
            Unicode.WellFormed(text).Should().Be(expected);
            (Unicode.Fault(text) is null).Should().Be(text == expected);
        }
    }

    /// <summary>.NET throws for U+FFFE, and a prompt with it in its name could not be exported.</summary>
    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("a\ufffeb", "a\ufffdb")]
    [InlineData("a\uffffb", "a\uffffb")]
    public void Normalized_OfAnyText_DoesNotThrow(string text, string expected) => Unicode.Normalized(text).Should().Be(expected);

    [Theory]
    [InlineData("""{"a":"x\u0000y"}""", """{"a":"x\ufffdy"}""")]
    [InlineData("""["\u0000\u0000","\\\u0000"]""", """["\ufffd\ufffd","\\\ufffd"]""")]
    [InlineData("""["\\u0000","\\\\u0000"]""", """["\\u0000","\\\\u0000"]""")]
    [InlineData("""["plain"]""", """["plain"]""")]
    public void WithoutNul_OfJson_ReplacesTheEscapeAlone(string json, string expected) => JsonText.WithoutNul(json).Should().Be(expected);

    [Fact]
    public void Clock_OfTheProduct_HasWholeMicroseconds()
    {
        var time = new DateTimeOffset(2026, 1, 31, 6, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

        MicrosecondClock.Cut(time).Ticks.Should().Be(time.Ticks - 7);
        (new MicrosecondClock().GetUtcNow().Ticks % TimeSpan.TicksPerMicrosecond).Should().Be(0);
    }
}
