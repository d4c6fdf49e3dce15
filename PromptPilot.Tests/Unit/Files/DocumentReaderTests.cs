using System.Text;
using PromptPilot.Core.Files;
using PromptPilot.Core.Files.Texts;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Files;

/// <summary>The readers themselves; <c>DocumentTextTests</c> runs them in the child process.</summary>
public class DocumentReaderTests
{
    [Fact]
    public void Word_HasParagraphsTabsBreaksAndCells_WithoutDeletedText() =>
        Word(
            "<w:p><w:r><w:t>One</w:t><w:tab/><w:t xml:space=\"preserve\"> two</w:t><w:br/><w:t>three</w:t></w:r></w:p>"
                + "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>DATE</w:instrText></w:r></w:p>"
                + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc>"
                + "<w:tc><w:p><w:r><w:t>B &amp; C</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        )
            .Text!.Trim()
            .Should()
            .Be("One\t two\nthree\n\nA\tB & C");

    [Fact]
    public void Word_WithTooMuchText_IsRefused_WithoutReadingItAll() =>
        TextProgram.Read(SampleFiles.DocxBomb(), MediaTypes.Docx, 1, 100_000).Error.Should().Be(TextError.TooLong);

    [Fact]
    public void Word_NestedDeeply_OrWithEntities_IsDamaged()
    {
        var nested = string.Concat(Enumerable.Repeat("<w:sdt>", 20_000)) + string.Concat(Enumerable.Repeat("</w:sdt>", 20_000));

        Word(nested).Error.Should().Be(TextError.Damaged);
        TextProgram.Read("PK\u0003\u0004 cut"u8.ToArray(), MediaTypes.Docx, 1, 1000).Error.Should().Be(TextError.Damaged);
    }

    [Fact]
    public void OtherArchive_IsNoWordDocument() =>
        TextProgram.Read(SampleFiles.Docx("", "xl/workbook.xml"), MediaTypes.Docx, 1, 1000).Error.Should().Be(TextError.NotWord);

    [Fact]
    public void Pdf_HasItsPages_AndItsScriptDoesNothing()
    {
        var read = TextProgram.Read(SampleFiles.Pdf("Hello there", "Second page"), MediaTypes.Pdf, 10, 1000);

        read.Pages.Should().Be(2);
        read.Text.Should().Be("Hello there\n\nSecond page");
    }

    [Fact]
    public void Pdf_WithTooManyPages_IsRefused()
    {
        var read = TextProgram.Read(SampleFiles.EmptyPdf(10_000), MediaTypes.Pdf, 500, 1000);

        (read.Error, read.Pages).Should().Be((TextError.TooManyPages, 10_000));
    }

    [Fact]
    public void Pdf_Junk_IsDamaged() =>
        TextProgram.Read("%PDF-1.7 and nothing else"u8.ToArray(), MediaTypes.Pdf, 10, 1000).Error.Should().Be(TextError.Damaged);

    [Theory]
    [InlineData("ok 3\nText\nwith lines", 0, "Text\nwith lines", null)]
    [InlineData("error TooManyPages 900\n", 0, null, "TooManyPages")]
    [InlineData("", 134, null, "TooLarge")]
    [InlineData("ok 3\nhalf", 139, null, "TooLarge")]
    [InlineData(null, 0, null, "TooLong")]
    public void Answer_OfTheChild_IsRead(string? output, int exitCode, string? text, string? error)
    {
        var read = TextProgram.ReadAnswer(MediaTypes.Pdf, output, exitCode);

        (read.Text, read.Error?.ToString()).Should().Be((text, error));
    }

    [Fact]
    public void Answer_OfBothKinds_IsWrittenAsItIsRead()
    {
        ExtractedText[] answers =
        [
            new(MediaTypes.Pdf, "One\ntwo", 7),
            new(MediaTypes.Docx, "", null),
            new(MediaTypes.Pdf, Pages: 900, Error: TextError.TooManyPages),
        ];

        answers.Select(answer => TextProgram.ReadAnswer(answer.MediaType, TextProgram.Answer(answer), 0)).Should().Equal(answers);
    }

    [Theory]
    [InlineData("<p>One<br>two <b>three</b></p><script>if (a < b) alert('</p>')</script><style>p{}</style>", "One\ntwo three")]
    [InlineData("<!-- <p>no</p> --><title>T</title><a title=\"a > b\">link</a> 1 < 2 &amp; 3 &lt; 4", "T\nlink 1 < 2 & 3 < 4")]
    [InlineData("<table><tr><td>A</td><td>B</td></tr></table>", "A\t B")]
    [InlineData("<p>a</p>\n\n\n<div></div><div></div><p>b</p>", "a\n\nb")]
    [InlineData("<script>never ends", "")]
    public void Html_IsItsText(string html, string text) => HtmlText.Of(html).Should().Be(text);

    [Fact]
    public void Html_OfOnlyTags_IsReadInOnePass()
    {
        var html = string.Concat(Enumerable.Repeat("<td></td><", 300_000)) + new string('\t', 500_000);

        HtmlText.Of(html).Should().NotBeNull();
    }

    [Fact]
    public void Html_HasTheEncodingItDeclares() =>
        HtmlText.Decode([.. "<meta charset=\"windows-1251\"><p>"u8, 0xCF, 0xF0, 0xE8]).Should().EndWith("При");

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0xC3, 0xA9 }, "é")]
    [InlineData(new byte[] { 0xE9 }, "é")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0xE9, 0 }, "é")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0, 0xE9 }, "é")]
    public void Text_HasItsEncoding(byte[] bytes, string text) => PlainText.Decode(bytes).Should().Be(text);

    private static ExtractedText Word(string body) => TextProgram.Read(SampleFiles.Docx(body), MediaTypes.Docx, 1, 100_000);
}
