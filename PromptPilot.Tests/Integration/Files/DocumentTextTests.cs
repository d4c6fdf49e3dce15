using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Files;
using PromptPilot.Core.Files.Texts;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Files;

/// <summary>Documents in the child process, good and hostile ones.</summary>
public sealed class DocumentTextTests : IDisposable
{
    private readonly TextProcess _process = new(TextProgramPath.Find(), NullLogger<TextProcess>.Instance);

    public void Dispose() => _process.Dispose();

    [Fact]
    public async Task PdfAndWord_AreRead()
    {
        var pdf = await ReadAsync(SampleFiles.Pdf("Hello from page one", "and two"), MediaTypes.Pdf);
        var word = await ReadAsync(SampleFiles.Docx("<w:p><w:r><w:t>Grüße, 世界</w:t></w:r></w:p>"), MediaTypes.Docx);

        pdf.Value.Should().Be(new DocumentText("Hello from page one\n\nand two", 2));
        word.Value.Should().Be(new DocumentText("Grüße, 世界", null));
    }

    [Fact]
    public async Task Scan_SaysThatItHasNoText() =>
        (await ReadAsync(SampleFiles.EmptyPdf(3), MediaTypes.Pdf))
            .Problem!.Message.Should()
            .Contain("contains no text")
            .And.Contain("scanned");

    [Fact]
    public async Task PdfOfTenThousandPages_IsRefused() =>
        (await ReadAsync(SampleFiles.EmptyPdf(10_000), MediaTypes.Pdf))
            .Problem!.Message.Should()
            .Be("This PDF has 10,000 pages. The limit is 500. Send the pages that matter.");

    [Fact]
    [Trait("Category", "Soak")]
    public async Task PdfThatUnpacksToMoreThanTheHeap_IsRefused_AndCostsThePortalNothing()
    {
        var bomb = SampleFiles.PdfBomb();
        bomb.Length.Should().BeLessThan(5_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var read = await ReadAsync(bomb, MediaTypes.Pdf);

        read.Problem!.Message.Should().Contain("more than 256 MB of memory").And.Contain("Save it again with another program");
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(50 * 1024 * 1024);
        (await ReadAsync(SampleFiles.Pdf("still here"), MediaTypes.Pdf)).Value.Text.Should().Be("still here");
    }

    [Fact]
    public async Task WordFileThatUnpacksToHundredsOfMegabytes_IsRefused() =>
        (await ReadAsync(SampleFiles.DocxBomb(), MediaTypes.Docx)).Problem!.Message.Should().Contain("more than 1,000,000 characters");

    private Task<Result<DocumentText>> ReadAsync(byte[] content, string type) =>
        new DocumentTexts(_process, Options.Create(new FilesOptions())).ReadAsync(content, type, TestContext.Current.CancellationToken);
}
