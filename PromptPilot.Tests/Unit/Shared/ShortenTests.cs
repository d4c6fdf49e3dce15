using System.Globalization;
using System.Text;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Tests.Unit.Shared;

public class ShortenTests
{
    /// <summary>Characters of one to many parts, and halves of pairs as broken senders make them.</summary>
    private static readonly string[] Parts =
    [
        "a",
        " ",
        "\n",
        "ß",
        "漢",
        "🚀",
        "e\u0301",
        "👩\u200d🚀",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "👍🏽",
        "\ud83d",
        "\udc00",
        "\u0301",
    ];

    [Fact]
    public void Shorten_OfAnyText_FitsBeginsAlikeAndCutsNoCharacter()
    {
        var random = new Random(20);
        for (var round = 0; round < 3000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => Parts[random.Next(Parts.Length)]));
            var most = random.Next(0, 40);

            var shown = Shorten.Text(text, most);
            var stored = Shorten.Cut(text, most);

            shown.Length.Should().BeLessThanOrEqualTo(most);
            stored.Length.Should().BeLessThanOrEqualTo(most);
            if (text.Length <= most)
            {
                (shown, stored).Should().Be((text, text));
                continue;
            }

            text.Should().StartWith(stored);
            IsInsidePair(text, stored.Length).Should().BeFalse();
            stored.Length.Should().BeGreaterThanOrEqualTo(most - 1);
            if (most > 0)
            {
                shown.Should().EndWith("…");
                text.StartsWith(shown[..^1], StringComparison.Ordinal).Should().BeTrue();
                Borders(text).Should().Contain(shown.Length - 1);
            }
        }
    }

    [Theory]
    [InlineData("ab🚀cd", 4, "ab…")]
    [InlineData("ab🚀cd", 5, "ab🚀…")]
    [InlineData("ab🚀cd", 6, "ab🚀cd")]
    [InlineData("👩\u200d🚀👩\u200d🚀", 6, "👩\u200d🚀…")]
    [InlineData("👩\u200d🚀!", 5, "…")]
    [InlineData("cafe\u0301s", 5, "caf…")]
    [InlineData("abc", 1, "…")]
    [InlineData("abc", 0, "")]
    public void Text_CutsBetweenCharactersAsPeopleSeeThem(string text, int most, string expected) =>
        Shorten.Text(text, most).Should().Be(expected);

    [Fact]
    public void Text_OfOneEndlessCharacter_IsCutAllTheSame()
    {
        var endless = "e" + new string('\u0301', 5000);

        Shorten.Text(endless, 100).Should().HaveLength(100);
    }

    [Fact]
    public void Shorten_OfWellFormedText_StaysWellFormed()
    {
        var text = string.Concat(Enumerable.Repeat("x🚀", 100));
        for (var most = 0; most <= text.Length; most++)
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true)
                .GetBytes(Shorten.Text(text, most) + Shorten.Cut(text, most))
                .Should()
                .NotBeNull();
        }
    }

    [Theory]
    [InlineData(1, "k1")]
    [InlineData(3, "k1, k2, k3")]
    [InlineData(4, "k1, k2 and 2 more")]
    [InlineData(100, "k1, k2 and 98 more")]
    public void Names_BeyondTheLimit_AreCounted(int count, string expected) =>
        Shorten.Names([.. Enumerable.Range(1, count).Select(i => $"k{i}")], most: 3).Should().Be(expected);

    private static bool IsInsidePair(string text, int at) =>
        at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);

    private static IEnumerable<int> Borders(string text) => [.. StringInfo.ParseCombiningCharacters(text), text.Length];
}
