using System.Text;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Files;

public class FileContentTests
{
    public static TheoryData<string, byte[], int, int> Pictures =>
        new()
        {
            { MediaTypes.Png, SampleFiles.Png(640, 480), 640, 480 },
            { MediaTypes.Png, SampleFiles.Png(1, 1), 1, 1 },
            { MediaTypes.Png, SampleFiles.Png(20_000, 3), 20_000, 3 },
            { MediaTypes.Jpeg, SampleFiles.Jpeg(1024, 768), 1024, 768 },
            { MediaTypes.Webp, SampleFiles.Webp(4000, 300), 4000, 300 },
        };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Picture_HasItsTypeAndSize_FromItsHeader(string type, byte[] bytes, int width, int height) =>
        FileContent.Of(bytes).Should().Be(new FileContent(type, width, height));

    public static TheoryData<string, byte[]> Documents =>
        new()
        {
            { MediaTypes.Pdf, SampleFiles.Pdf("Hello") },
            { MediaTypes.Docx, SampleFiles.Docx("<w:p/>") },
            { MediaTypes.Html, SampleFiles.Utf8("\n<!DOCTYPE html><title>x</title>") },
            { MediaTypes.Html, SampleFiles.Utf8("<!-- made by a tool --><HTML></HTML>") },
            { MediaTypes.Text, SampleFiles.Utf8("BM is a text, and so is {\"a\": 1}") },
            { MediaTypes.Text, [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("Grüße")] },
            { MediaTypes.Text, [.. "caf"u8, 0xE9] },
        };

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_HasItsType(string type, byte[] bytes) => FileContent.Of(bytes).MediaType.Should().Be(type);

    public static TheoryData<string, byte[]> Others =>
        new()
        {
            { "SVG", SampleFiles.Utf8("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>") },
            { "SVG", SampleFiles.Utf8("<svg onload=alert(1)>") },
            { "GIF", SampleFiles.Utf8("GIF89a....") },
            { "damaged PNG", SampleFiles.Png(0, 5) },
            { "damaged JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0] },
            { "empty", [] },
            { "not a picture", [0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 2, 3, 0] },
        };

    [Theory]
    [MemberData(nameof(Others))]
    public void AnythingElse_IsRefused_AndSaysWhatItIs(string word, byte[] bytes)
    {
        var seen = FileContent.Of(bytes);

        seen.MediaType.Should().BeNull();
        seen.Rejected.Should().Contain(word);
    }

    [Fact]
    public void Polyglot_IsWhatItsStartSays() =>
        FileContent
            .Of([.. SampleFiles.Png(5, 5), .. "<html><script>alert(1)</script></html>"u8])
            .MediaType.Should()
            .Be(MediaTypes.Png, "it is sent back as a picture and never as a page");

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\temp\\a\u0000b\n.png", "ab.png")]
    [InlineData("", "file.png")]
    [InlineData(null, "file.png")]
    public void Name_HasNoPathAndNoControlCharacters(string? name, string clean) =>
        FileReference.CleanName(name, MediaTypes.Png).Should().Be(clean);

    [Fact]
    public void Reference_IsReadBackFromItsJson()
    {
        var reference = new FileReference(new string('a', 64), "scan.png", MediaTypes.Png, 12);

        FileReference.Read(reference.ToJson()).Should().Be(reference);
        InputValues.Problem(reference.ToJson(), VariableType.Image, []).Should().BeNull();
        InputValues.Problem(reference.ToJson(), VariableType.Document, []).Should().Contain("not a PNG picture");
        InputValues.Problem(AppJson.Text("x"), VariableType.Image, []).Should().Be("This must be a picture (PNG, JPEG or WebP), not text.");
    }

    [Theory]
    [InlineData("""{"file":"x","type":"image/png"}""")]
    [InlineData("""{"file":1}""")]
    [InlineData("""["a"]""")]
    [InlineData("\"a\"")]
    public void OtherJson_IsNoReference(string json) => FileReference.Read(JsonElement.Parse(json)).Should().BeNull();
}
