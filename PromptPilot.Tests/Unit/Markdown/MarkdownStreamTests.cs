using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Tests.Unit.Markdown;

public class MarkdownStreamTests
{
    private static readonly string[] Fragments =
    [
        "# Title\n",
        "para ",
        "words\n",
        "\n",
        "- item\n",
        "- ",
        "  nested\n",
        "1. one\n",
        "---\n",
        "--",
        "===\n",
        "> quote\n",
        "```\n",
        "code\n",
        "    indented\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "**bold** ",
        "*x",
        "~~",
        "`code`",
        "<b>",
        "[link](https://example.org) ",
        "\r\n",
        "\t",
        "😀",
        "* ",
        "+ x\n",
        "\\",
        "~~~\n",
        "#",
        "&amp;",
    ];

    [Fact]
    public void Update_InAnyPieces_EndsAsTheWholeTextDoes()
    {
        for (var seed = 0; seed < Samples.Count(few: 100, many: 1_000); seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Fragments[random.Next(Fragments.Length)]));
            var stream = new MarkdownStream();
            for (var length = 0; length < text.Length; length = Math.Min(text.Length, length + random.Next(1, 9)))
            {
                stream.Update(length, from => text[from..length], isComplete: false);
            }

            var inPieces = stream.Update(text.Length, from => text[from..], isComplete: true);
            string.Concat(inPieces.Closed)
                .Should()
                .Be(string.Concat(MarkdownStream.Of(new string(text)).Closed), "seed {0}: {1}", seed, text);
            Squeeze(string.Concat(inPieces.Closed)).Should().Be(Squeeze(SafeMarkdown.Render(text)), "seed {0}: {1}", seed, text);
        }
    }

    [Fact]
    public void Update_WhileWriting_KeepsClosedBlocksAsTheyAre()
    {
        const string Text = "# One\n\nfirst\n\n- a\n- b\n\nlast words";
        var stream = new MarkdownStream();
        var before = MarkdownView.Empty;
        for (var length = 1; length <= Text.Length; length++)
        {
            var view = stream.Update(length, from => Text[from..length], isComplete: false);
            view.Closed.Take(before.Closed.Count).Should().Equal(before.Closed);
            before = view;
        }

        before.Closed.Should().HaveCount(2, "the list is certain to be finished only once the line after it is");
        before.Open.Should().Contain("last words");
    }

    [Fact]
    public void Update_WithHalfAnEmoji_HoldsItBack()
    {
        const string Text = "ok 😀";
        var stream = new MarkdownStream();

        stream
            .Update(4, from => Text[from..4], isComplete: false)
            .Open.Should()
            .Contain("ok")
            .And.NotContain("\ud83d")
            .And.NotContain("\ufffd");
        stream.Update(5, from => Text[from..5], isComplete: false).Open.Should().Contain("😀");
    }

    [Fact]
    public void Update_BeyondTheLiveLimit_StaysPlainUntilTheEnd_AndIsWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 4000).Select(i => $"Paragraph **{i}** is here.\n\n"));
        var stream = new MarkdownStream();
        for (var length = 0; length < text.Length; length += 5000)
        {
            stream.Update(length, from => text[from..length], isComplete: false);
        }

        stream.View.PlainTail.Length.Should().BeLessThan(20_000);
        (string.Concat(stream.View.Closed).Length + stream.View.Plain.Count).Should().BeGreaterThan(0);
        var end = stream.Update(text.Length, from => text[from..], isComplete: true);
        end.Closed.Should().HaveCount(4000);
        end.PlainTail.Should().BeEmpty();
    }

    [Fact]
    public void Of_AMegabyte_IsShownWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i} 😀 of many\n"));

        var view = MarkdownStream.Of(text);

        (string.Concat(view.Plain) + view.PlainTail).Should().Be(text);
    }

    [Fact]
    public void Of_ReferencesDefinedLater_AreLinksAtTheEnd() =>
        string.Concat(MarkdownStream.Of("See [the paper][p].\n\nMore.\n\n[p]: https://example.org/p\n").Closed)
            .Should()
            .Contain("href=\"https://example.org/p\"");

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("[click](javascript:alert(1))")]
    [InlineData("[click](JaVaScRiPt:alert(1))")]
    [InlineData("[click](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[click](vbscript:x)")]
    [InlineData("[sign out](/account/sign-out)")]
    [InlineData("[other](//evil.example/x)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("![pic](https://evil.example/pixel.png)")]
    [InlineData("![pic][ref]\n\n[ref]: https://evil.example/pixel.png")]
    [InlineData("![pic][ref]\n\n[ref]: javascript:alert(1)")]
    [InlineData("<!-- <img src=x> -->")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe>")]
    [InlineData("<style>body{background:url(https://evil.example)}</style>")]
    [InlineData("<a href=\"https://evil.example\" style=\"position:fixed\" onclick=\"x()\">a</a>")]
    [InlineData("<form action=\"https://evil.example\"><input></form>")]
    [InlineData("[x](https://example.org \"a\\\" onmouseover=\\\"alert(1)\")")]
    [InlineData("`<svg onload=alert(1)>`")]
    [InlineData("| <img src=x onerror=alert(1)> |\n|---|\n| ![p](https://evil.example/p.png) |")]
    [InlineData("<https://evil.example/?<script>>")]
    public void Render_HostileText_IsHarmless(string text)
    {
        var html = string.Concat(MarkdownStream.Of(text).Closed);

        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html);
        document
            .QuerySelectorAll("script,img,iframe,style,form,input,svg,object,embed,link,meta,base,picture,video,audio")
            .Should()
            .BeEmpty();
        foreach (var element in document.Body!.QuerySelectorAll("*"))
        {
            element.Attributes.Select(a => a.Name).Should().BeSubsetOf(["href", "title", "rel", "target", "class", "start"]);
            if (element.GetAttribute("href") is { } href)
            {
                href.Should().MatchRegex("^(https?|mailto):");
                element.GetAttribute("rel").Should().Contain("noopener").And.Contain("nofollow");
                element.GetAttribute("target").Should().Be("_blank");
            }
        }
    }

    [Fact]
    public void Render_AnImage_BecomesALinkWithItsText() =>
        SafeMarkdown
            .Render("![a chart](https://example.org/c.png)")
            .Should()
            .Contain(">a chart</a>")
            .And.Contain("https://example.org/c.png");

    [Fact]
    public void Render_WhatNestsTooDeep_IsPlainText() =>
        SafeMarkdown.Render(new string('>', 3000) + " deep").Should().StartWith("<pre>&gt;&gt;");

    [Fact]
    public void Render_UsualMarkdown_KeepsItsShape()
    {
        var html = SafeMarkdown.Render(
            "# Title\n\n- **a**\n- ~~b~~\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```js\nlet a = 1 < 2;\n```\n\n3. three\n"
        );

        html.Should()
            .Contain("<h4 class=\"md1\">Title</h4>")
            .And.Contain("<strong>a</strong>")
            .And.Contain("<del>b</del>")
            .And.Contain("<td>1</td>")
            .And.Contain("let a = 1 &lt; 2;")
            .And.Contain("<ol start=\"3\">");
    }

    private static string Squeeze(string html) => html.Replace("\n", "", StringComparison.Ordinal);
}
