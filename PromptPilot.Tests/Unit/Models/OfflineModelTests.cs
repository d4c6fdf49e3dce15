using System.Diagnostics;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Models.Tokens;

namespace PromptPilot.Tests.Unit.Models;

public class OfflineModelTests
{
    private const string Ask = "Summarize the following text in six bullet points.\n\nText:\n";

    private static readonly string Gpl = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Support", "Texts", "gpl-3.txt"));

    [Fact]
    public void Answer_Gpl_PicksInDocumentOrderAlsoFromTheLastThird()
    {
        var picks = Picks(Ask + Gpl);

        var flat = Flat(Gpl);
        var places = picks.Select(p => flat.IndexOf(p, StringComparison.Ordinal)).ToList();
        picks.Should().HaveCount(6).And.OnlyHaveUniqueItems();
        places.Should().NotContain(-1, "picks are the text's own sentences").And.BeInAscendingOrder();
        places.Should().Contain(place => place > flat.Length * 2 / 3);
        TestContext.Current.SendDiagnosticMessage(string.Join('\n', picks));
    }

    [Fact]
    public void Answer_AskedForAJsonObjectWithAList_IsOne()
    {
        const string Wish =
            "Pick the 3 sentences that matter. Answer with a JSON object like {\"findings\": [\"first\", \"second\"]}.\n\n---\n";

        var answer = OfflineModel.Answer(null, Wish + Gpl + "\n---", 1000, TestContext.Current.CancellationToken).Text;

        System.Text.Json.JsonDocument.Parse(answer).RootElement.GetProperty("findings").GetArrayLength().Should().Be(3);
    }

    [Fact]
    public void Answer_MiddleParagraphChanged_PicksOtherSentences()
    {
        var before = Picks(Ask + Gpl);
        var paragraphs = Gpl.Split("\n\n");
        var middle = Enumerable
            .Range(paragraphs.Length / 3, paragraphs.Length / 3)
            .First(i => before.Any(p => Flat(paragraphs[i]).Contains(p, StringComparison.Ordinal)));
        paragraphs[middle] = "The weather on the coast was mild and the boats stayed in the harbor all week.";

        var after = Picks(Ask + string.Join("\n\n", paragraphs));

        after.Should().NotEqual(before);
    }

    [Fact]
    public void Answer_SamePrompt_IsTheSame() => Picks(Ask + Gpl).Should().Equal(Picks(Ask + Gpl));

    [Fact]
    public void Answer_FiftyKilobytes_TakesWellUnderASecond()
    {
        var text = Ask + string.Concat(Enumerable.Repeat(Gpl, 2))[..50_000];
        OfflineModel.Answer(null, text, 1000, CancellationToken.None);

        var fastest = Enumerable
            .Range(0, 3)
            .Min(_ =>
            {
                var watch = Stopwatch.StartNew();
                OfflineModel.Answer(null, text, 1000, CancellationToken.None);
                return watch.ElapsedMilliseconds;
            });

        TestContext.Current.SendDiagnosticMessage($"50 KB: {fastest} ms");
        fastest.Should().BeLessThan(900, "the goal is 300 ms on a quiet machine");
    }

    [Fact]
    public void Answer_OneMegabyte_IsBounded()
    {
        var words = new Random(1);
        var text = string.Concat(
            Enumerable
                .Range(0, 10_000)
                .Select(i =>
                    $"Sentence {i} tells about topic{words.Next(500)} and topic{words.Next(500)} of area{words.Next(40)} at length. "
                )
        );

        Picks(Ask + text).Should().HaveCount(6);
    }

    [Fact]
    public void Answer_Instruction_IsNeverPicked()
    {
        var picks = Picks(
            "You are a careful assistant who writes summaries of meetings.\nSummarize the meeting in 2 bullet "
                + "points.\n\nNotes:\nAnna presented the budget for the new library. The budget for the library was approved by "
                + "everyone. Lunch was late that day."
        );

        picks.Should().HaveCount(2);
        string.Join(' ', picks).Should().Contain("budget").And.NotContain("Summarize").And.NotContain("careful");
    }

    [Theory]
    [InlineData("in 3 sentences", 3, false)]
    [InlineData("as three to five bullet points", 5, true)]
    [InlineData("as a checklist", null, true)]
    [InlineData("in plain words", null, false)]
    public void Wish_ReadsNumberAndForm(string instruction, int? sentences, bool asList) =>
        AnswerFormat.Of("Summarize the text " + instruction + ".").Should().Be(new AnswerFormat(sentences, asList));

    [Fact]
    public void Answer_WithoutListWish_IsAParagraph()
    {
        var answer = OfflineModel.Answer(null, "Summarize this text.\n\n" + Gpl, 1000, CancellationToken.None);

        answer.Text.Should().NotContain("\n").And.NotStartWith("- ");
        answer.Truncated.Should().BeFalse();
    }

    [Fact]
    public void Answer_MaxTokens_DropsPicksThenCuts()
    {
        var some = OfflineModel.Answer(null, Ask + Gpl, 150, CancellationToken.None);
        TokenEstimate.Of(some.Text).Should().BeInRange(20, 150);
        some.Truncated.Should().BeFalse();

        var few = OfflineModel.Answer(null, Ask + Gpl, 5, CancellationToken.None);
        TokenEstimate.Of(few.Text).Should().BeLessThanOrEqualTo(5);
        few.Truncated.Should().BeTrue();
    }

    [Theory]
    [InlineData(
        "会議は火曜日に東京で開かれた。参加者は予算について話し合った。新しい図書館の予算が承認された。図書館は来年の春に開館する予定だ。昼食は寿司だった。"
    )]
    [InlineData(
        "انعقد الاجتماع يوم الثلاثاء في القاهرة. ناقش المشاركون ميزانية المكتبة الجديدة. تمت الموافقة على ميزانية المكتبة. هل "
            + "ستفتح المكتبة في الربيع؟ كان الغداء متأخرا قليلا."
    )]
    [InlineData(
        "बैठक मंगलवार को दिल्ली में हुई। सदस्यों ने नए पुस्तकालय के बजट पर चर्चा की। पुस्तकालय का बजट मंजूर हो गया। पुस्तकालय "
            + "वसंत में खुलेगा।"
    )]
    [InlineData(
        "Das Treffen fand z. B. am Dienstag in Köln statt. Die Teilnehmer sprachen über das Budget der Bücherei. Das Budget "
            + "der Bücherei wurde genehmigt. Die Bücherei öffnet im Frühling."
    )]
    public void Answer_OtherScripts_PicksWholeSentences(string text)
    {
        var picks = Picks("Give a list of 2 points.\n\nText:\n" + text);

        picks.Should().HaveCount(2).And.OnlyHaveUniqueItems();
        picks.Should().OnlyContain(p => text.Contains(p, StringComparison.Ordinal) && ".。؟।".Contains(p.Last()));
    }

    [Fact]
    public void Answer_ShortPrompt_IsAnsweredFromItself() =>
        OfflineModel
            .Answer(null, "Say in one sentence that the connection works.", 100, CancellationToken.None)
            .Text.Should()
            .Be("Say in one sentence that the connection works.");

    [Fact]
    public void Answer_NothingToRead_SaysSo() =>
        OfflineModel.Answer(null, " \n ", 100, CancellationToken.None).Text.Should().Be("There is no text to pick sentences from.");

    [Fact]
    public async Task Stream_PiecesJoined_AreTheText()
    {
        const string Text = "- Grüße 👩‍👩‍👧 an alle.\n- 会議は火曜日に東京で開かれた。𠮷野家𠮷野家𠮷野家\n  Ende";
        var model = new OfflineModel(Options.Create(new OfflineOptions { WordDelayMilliseconds = 0 }), TimeProvider.System);

        var pieces = await model
            .StreamAsync(Text, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        string.Concat(pieces).Should().Be(Text);
        pieces.Should().HaveCountGreaterThan(8);
        pieces.Should().OnlyContain(p => !char.IsLowSurrogate(p[0]) && !char.IsHighSurrogate(p.Last()));
    }

    private static List<string> Picks(string prompt) =>
        [.. OfflineModel.Answer(null, prompt, 4000, CancellationToken.None).Text.Split('\n').Select(l => l[2..])];

    private static string Flat(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
