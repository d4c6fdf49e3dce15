using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Tests.Unit.Markdown;

/// <summary>Every text that a model can write is shown whole, within a second of CPU, at once and while it arrives.</summary>
public sealed class MarkdownCostTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Of all the renders while a text arrives, which takes a provider minutes: no core is burnt.</summary>
    private static readonly TimeSpan StreamLimit = 3 * Limit;

    /// <summary>Code that was never run costs more the first time.</summary>
    private static readonly Lazy<MarkdownView> Warm = new(() =>
    {
        _ = MarkdownStream.Of(MarkdownTexts.Usual(40_000));
        return Stream(MarkdownTexts.Usual(20_000), 500);
    });

    public MarkdownCostTests() => _ = Warm.Value;

    [Theory]
    [InlineData("[a](", 200_000)]
    [InlineData("*a* ", 256_000)]
    [InlineData("> ", 256_000)]
    [InlineData("wide table of empty rows", 16_000)]
    [InlineData("many definitions", 256_000)]
    [InlineData("paragraphs of a", 256_000)]
    [InlineData("abc ", 1_000_000)]
    public void Of_ACostlyText_IsBounded(string name, int size)
    {
        var make = MarkdownTexts.All.FirstOrDefault(text => text.Name == name).Make;
        var text = make is null ? string.Concat(Enumerable.Repeat(name, size / name.Length)) : make(size);

        Check(name, text);
    }

    [Fact]
    public void Of_EachConstruct_IsBounded()
    {
        foreach (var (name, make) in MarkdownTexts.All.Where((_, i) => i % 61 == 0))
        {
            Check(name, make(32_000));
        }
    }

    [Theory]
    [InlineData(16_000)]
    [InlineData(64_000)]
    [InlineData(256_000)]
    [InlineData(1_000_000)]
    [Trait("Category", "Soak")]
    public void Of_AllConstructs_AreBounded(int size)
    {
        foreach (var (name, make) in MarkdownTexts.All)
        {
            Check(name, make(size));
        }
    }

    [Fact]
    public void Of_UsualText_IsFormattedWhole()
    {
        foreach (var size in new[] { 5_000, 60_000, 120_000 })
        {
            MarkdownStream.Of(MarkdownTexts.Usual(size)).IsPartlyPlain.Should().BeFalse("{0} characters are no burden", size);
        }

        Stream(MarkdownTexts.Usual(30_000), 100).IsPartlyPlain.Should().BeFalse();
    }

    [Fact]
    public void Of_ALongListing_KeepsItsLinesWhileItArrives()
    {
        var text = "```\n" + string.Concat(Enumerable.Range(0, 600).Select(i => $"line {i} of the listing\n"));
        var stream = new MarkdownStream();
        var view = MarkdownView.Empty;
        for (var length = 0; length < text.Length; length += 40)
        {
            view = stream.Update(length, from => text[from..length], isComplete: false);
        }

        var shown = view.Open + view.PlainTail;
        shown.Should().Contain("line 0 of").And.Contain("line 590 of", "what was not formatted yet is shown after the rest");
    }

    private static void Check(string name, string text)
    {
        MarkdownView? view = null;
        CpuTime.Of(() => view = MarkdownStream.Of(text)).Should().BeLessThan(Limit, "“{0}” of {1} is shown", name, text.Length);
        (view!.Closed.IsEmpty && view.Plain.IsEmpty && view.PlainTail.Length == 0).Should().BeFalse("“{0}” is shown", name);
        view.Length.Should().Be(text.Length);
        CpuTime.Of(() => Stream(text, 24)).Should().BeLessThan(StreamLimit, "“{0}” of {1} is shown while it arrives", name, text.Length);
    }

    private static MarkdownView Stream(string text, int piece)
    {
        var stream = new MarkdownStream();
        for (var length = 0; length < text.Length; length += piece)
        {
            stream.Update(length, from => text[from..length], isComplete: false);
        }

        return stream.Update(text.Length, from => text[from..], isComplete: true);
    }
}
