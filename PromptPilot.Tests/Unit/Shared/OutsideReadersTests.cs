using System.Text;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Storage;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>Everything that reads what comes from outside, and how much each reads at most.</summary>
public sealed class OutsideReadersTests
{
    /// <summary>Ways in which code gets at bytes from outside.</summary>
    private static readonly string[] Ways =
    [
        "ReadAsStreamAsync(",
        "ReadAsStringAsync(",
        "ReadAsByteArrayAsync(",
        "ReadFromJsonAsync(",
        "GetStringAsync(",
        "NewHandler()",
        "new HttpClient(",
        "new SmtpClient",
        "Request.Body",
        "request.BodyReader",
        "OpenReadStream(",
        "OpenReadStreamAsync(",
        "new ZipArchive(",
        "new TarReader(",
        "PgpObjectFactory(",
    ];

    /// <summary>Each file that does so, with its bound.</summary>
    private static readonly Dictionary<string, string> Bounds = new(StringComparer.Ordinal)
    {
        ["PromptPilot.Core/Models/Protocols/ModelHttpHandler.cs"] =
            "Anthropic's and Ollama's clients too; a stream: lines of 1 MB, events of 4 MB, 512 MB in all; an error body: 16 "
            + "KB; a list of models: 2 MB",
        ["PromptPilot.Core/Models/Protocols/ModelConnections.cs"] = "headers: 64 KB",
        ["PromptPilot.Core/Models/Protocols/RequestExtras.cs"] = "reads the portal's own request",
        ["PromptPilot.Core/Models/OpenAIFamily/OpenAIChatClient.cs"] = "through ModelHttpHandler",
        ["PromptPilot.Core/Models/OpenAIFamily/OpenAIModelList.cs"] = "through ModelHttpHandler",
        ["PromptPilot.Core/Users/OpenId/OpenIdProvider.cs"] = "a response of the identity provider: 1 MB; headers: 64 KB",
        ["PromptPilot.Core/Shared/Network/AddressGuard.cs"] = "headers: 64 KB, less where its user says so",
        ["PromptPilot.Core/Integrations/Sending/HookHttp.cs"] = "a receiver's answer: 4 KB; headers: 16 KB",
        ["PromptPilot.Core/Mail/MailSender.cs"] = "all that a mail server says: 1 MB a mail",
        ["PromptPilot.Core/Storage/BackupArchive.cs"] = "4 GB and 500 times the file, unpacked; 1,000 keys of 1 MB",
        ["PromptPilot.Core/Exchange/ExchangeArchive.cs"] = "8 MB a file, 96 MB in all, 10,000 files, unpacked",
        ["PromptPilot.Core/Files/Texts/DocxText.cs"] = "200 million characters, unpacked as a stream, in a process with 256 MB",
        ["PromptPilot.Web/Features/Files/FilesEndpoints.cs"] = "an upload: the largest file, 20 MB unless set",
        ["PromptPilot.Web/Features/Files/FileInput.razor.cs"] = "an upload: the largest file, 20 MB unless set",
        ["PromptPilot.Core/Exchange/CallSnippets.cs"] = "code that is shown, not run",
        ["PromptPilot.Web/Api/Bodies/ApiBody.cs"] = "Kestrel's bound of a request: 8 MB",
        ["PromptPilot.Web/Hosting/Commands/RemotePortal.cs"] = "the operator's own portal: 128 MB",
        ["PromptPilot.Web/Hosting/Commands/RemoteChecks.cs"] = "the operator's own portal: 1 MB",
        ["PromptPilot.Web/Hosting/UnsentRequests.cs"] = "passes a body through, keeps none of it",
        ["PromptPilot.Web/Features/Chat/ChatEndpoints.cs"] = "Kestrel's bound of a request: 8 MB",
        ["PromptPilot.Web/Features/Exchange/ExchangeEndpoints.cs"] = "an upload: 24 MB",
        ["PromptPilot.Web/Features/Exchange/ImportPage.razor.cs"] = "an upload: 24 MB",
        ["PromptPilot.Web/Features/TestSets/TestCasesEndpoints.cs"] = "Kestrel's bound of a request: 8 MB",
        ["PromptPilot.Web/Features/Triggers/Webhooks/WebhookEndpoints.cs"] = "a webhook's body: 1 MB",
        ["PromptPilot.Web/Components/Controls/Inputs/FileDrop.razor.cs"] = "a file of text: 1 MB; test cases: 8 MB",
        ["PromptPilot.Web/Components/Controls/DraftKeeper.razor.cs"] = "a draft out of the browser: 64 MB",
    };

    [Fact]
    public void EveryReader_HasItsBound()
    {
        var root = RepositoryRoot.File(".");
        var readers = new[] { "PromptPilot.Core", "PromptPilot.Web" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*", SearchOption.AllDirectories))
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
            .Select(file => (Name: Path.GetRelativePath(root, file).Replace('\\', '/'), File: file))
            .Where(file => !file.Name.Contains("/obj/", StringComparison.Ordinal) && !file.Name.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => Ways.Any(File.ReadAllText(file.File).Contains))
            .Select(file => file.Name)
            .ToList();

        readers.Should().BeEquivalentTo(Bounds.Keys, "who reads from outside is in this list, with a bound");
    }

    [Theory]
    [InlineData("aaaaaaaaaa\n", 10, 100, true)]
    [InlineData("aaaaaaaaaaa\n", 10, 100, false)]
    [InlineData("aaaaaaaaa\r\naaaaaaaaa\raaaaaaaaa\n", 10, 100, true)]
    [InlineData("aaaaaaaaa\naaaaaaaaa\naaa", 10, 20, false)]
    [InlineData("aaaaaaaaa\naaaaaaaaa\n\naaaaaaaaa\r\n\r\naaaaaaaaa\r\raaaaaaaaa", 10, 20, true)]
    [InlineData("aaaaaaaaa\r\naaaaaaaaa\r\naaa", 10, 20, false)]
    public async Task BoundedStream_CountsLinesAndEvents_HoweverTheyAreCutUp(string text, int line, int block, bool passes)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            await using var stream = new BoundedStream(
                new MemoryStream(Encoding.UTF8.GetBytes(text)),
                new ReadBounds(1000, line, block),
                "end"u8.ToArray()
            );
            var read = new StringBuilder();
            var buffer = new byte[size];
            var isTooLong = false;
            try
            {
                for (int count; (count = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0; )
                {
                    read.Append(Encoding.UTF8.GetString(buffer, 0, count));
                }
            }
            catch (TooLongException)
            {
                isTooLong = true;
            }

            isTooLong.Should().Be(!passes, $"read by {size}");
            if (passes)
            {
                read.ToString().Should().Be(text + "end");
            }
        }
    }

    [Fact]
    public void BackupThatUnpacksToFarMoreThanItIs_IsLeftAtItsBound()
    {
        using var files = new TempDirectory();
        var zeros = files.File("zeros");
        using (var file = File.Create(zeros))
        {
            file.SetLength(40 << 20);
        }

        using var backup = new MemoryStream();
        BackupArchive.Write(backup, "correct horse", [(BackupArchive.DatabaseEntry, zeros)]);
        var target = Directory.CreateDirectory(files.File("target")).FullName;
        backup.Position = 0;

        var read = () => BackupArchive.Read(new MemoryStream(backup.ToArray()), "correct horse", target, freeUnpacked: 1 << 20);

        read.Should().Throw<InvalidDataException>().WithMessage("*too much for a backup of its size*");
        Directory.EnumerateFiles(target).Sum(file => new FileInfo(file).Length).Should().BeLessThan(40 << 20);
    }
}
