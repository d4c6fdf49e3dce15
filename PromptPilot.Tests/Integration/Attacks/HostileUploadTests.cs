using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Files.Texts;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>
/// Files as an attacker sends them, over HTTP: refused or bounded, read by one small child process at a time, and without a connection to
/// anywhere.
/// </summary>
[Trait("Category", "Soak")]
public sealed class HostileUploadTests : IAsyncLifetime
{
    /// <summary>In the arguments of the children, and of no other test's children.</summary>
    private const int MostCharacters = 999_983;

    /// <summary>Resident memory: the heap, whose limit is the same, with the runtime and its code.</summary>
    private const long MostOfAChild = 256L * 1024 * 1024;

    private readonly ChildWatch _children = new(MostCharacters.ToString(CultureInfo.InvariantCulture));
    private PortalHost _portal = null!;
    private FakeModelServer _elsewhere = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _elsewhere = await FakeModelServer.StartAsync();
        _portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Settings = new Dictionary<string, string?>
                {
                    ["PromptPilot:Files:MaxTextLength"] = MostCharacters.ToString(CultureInfo.InvariantCulture),
                },
            }
        );
        _client = _portal.CreateClient(await _portal.AddPersonAsync(Role.Collaborator));
        _client.Timeout = TimeSpan.FromMinutes(5);
    }

    public async ValueTask DisposeAsync()
    {
        _children.Dispose();
        _client.Dispose();
        await _portal.DisposeAsync();
        await _elsewhere.DisposeAsync();
    }

    [Fact]
    public async Task Files_ThatAttack_AreRefusedOrBounded()
    {
        var away = _elsewhere.Endpoint;
        var page = Encoding.UTF8.GetBytes(
            $"<html><body><img src='{away}/img'><script>fetch('{away}/js')</script><iframe src='{away}'></iframe>Read me</body></html>"
        );
        byte[] script = "<script>alert(1)</script>"u8.ToArray();
        (string Name, byte[] Content, HttpStatusCode Status, string Says)[] files =
        [
            ("zip bomb.docx", SampleFiles.DocxBomb(), HttpStatusCode.BadRequest, "more than 999,983 characters"),
            ("bomb.pdf", SampleFiles.PdfBomb(), HttpStatusCode.BadRequest, "needs more than 256 MB of memory"),
            ("10,000 pages.pdf", SampleFiles.EmptyPdf(10_000), HttpStatusCode.BadRequest, "has 10,000 pages. The limit is 500"),
            ("script.pdf", SampleFiles.Pdf("Opens with a script"), HttpStatusCode.Created, "application/pdf"),
            ("junk.pdf", [.. "%PDF-1.7\n"u8, .. new byte[5_000]], HttpStatusCode.BadRequest, "damaged|no text"),
            ("picture and page.png", [.. SampleFiles.Png(5, 5), .. script], HttpStatusCode.Created, "image/png"),
            ("page and PDF.html", [.. page, .. SampleFiles.Pdf("Both")], HttpStatusCode.Created, "text/html"),
            ("calls.html", page, HttpStatusCode.Created, "text/html"),
            ("calls.docx", WordThatCalls(away), HttpStatusCode.Created, "wordprocessingml"),
            ("one.png", SampleFiles.Png(1, 1), HttpStatusCode.Created, "image/png"),
            ("large.png", SampleFiles.Png(20_000, 20_000), HttpStatusCode.BadRequest, "20,000 × 20,000 pixels"),
            ("huge.png", SampleFiles.Png(int.MaxValue, int.MaxValue), HttpStatusCode.BadRequest, "picture|pixels"),
            ("calls.svg", Encoding.UTF8.GetBytes($"<svg><image href='{away}/svg'/></svg>"), HttpStatusCode.BadRequest, "SVG"),
            ("program.exe", [.. "MZ"u8, .. new byte[500]], HttpStatusCode.BadRequest, "This is"),
        ];

        foreach (var (name, content, status, says) in files)
        {
            var sent = await SendAsync(content, name);

            sent.Status.Should().Be(status, $"{name}: {sent.Text}");
            sent.Text.Should().MatchRegex(says, name);
            Say($"{name}: {Format(content.Length)} → {(int)sent.Status} after {sent.Took.TotalSeconds:0.0} s: {sent.Text}");
            if (status == HttpStatusCode.Created)
            {
                await CheckDownloadAsync(JsonElement.Parse(sent.Text).Text("file"), content);
            }
        }

        _elsewhere.Calls.Should().BeEmpty("nothing in a file is fetched");
        CheckChildren();
    }

    [Fact]
    public async Task TwentyUploadsAtOnce_AreReadOneByOne_AndThePortalAnswers()
    {
        byte[][] bombs = [SampleFiles.DocxBomb(), SampleFiles.PdfBomb(), SampleFiles.EmptyPdf(10_000)];
        var contents = Enumerable
            .Range(0, 20)
            .Select(i => i % 2 == 0 ? SampleFiles.Pdf($"Report {i}") : [.. bombs[i / 2 % 3], (byte)'\n'])
            .ToList();

        var sending = Task.WhenAll(contents.Select((content, i) => SendAsync(content, $"{i}.bin")));
        var (slowest, asked) = (TimeSpan.Zero, 0);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!sending.IsCompleted)
        {
            var clock = Stopwatch.StartNew();
            using var health = await _client.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
            health.StatusCode.Should().Be(HttpStatusCode.OK);
            slowest = slowest > clock.Elapsed ? slowest : clock.Elapsed;
            asked++;
            await ticks.WaitForNextTickAsync(Token);
        }

        var sent = await sending;
        Say($"20 at once: {string.Join(", ", sent.CountBy(answer => (int)answer.Status).Select(each => $"{each.Value} × {each.Key}"))}");
        Say($"slowest upload {sent.Max(answer => answer.Took).TotalSeconds:0.0} s");
        Say($"slowest of {asked} health checks {slowest.TotalSeconds:0.00} s");
        sent.Where((_, i) => i % 2 == 0).Should().OnlyContain(answer => answer.Status == HttpStatusCode.Created);
        sent.Where((_, i) => i % 2 == 1).Should().OnlyContain(answer => answer.Status == HttpStatusCode.BadRequest);
        slowest.Should().BeLessThan(TimeSpan.FromSeconds(5));
        CheckChildren();
    }

    private void CheckChildren()
    {
        Say($"{_children.Seen} children, {_children.MostAtOnce} at once, the largest took {Format(_children.Largest)}");
        _children.Seen.Should().BePositive();
        _children.MostAtOnce.Should().Be(1);
        _children.Largest.Should().BeLessThan(MostOfAChild);
    }

    private async Task CheckDownloadAsync(string file, byte[] content)
    {
        using var download = await _client.GetAsync(new Uri($"/api/v1/files/{file}", UriKind.Relative), Token);
        (await download.Content.ReadAsByteArrayAsync(Token)).Should().Equal(content);
        download.Content.Headers.ContentDisposition!.DispositionType.Should().Be("attachment");
        download.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        download.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("sandbox; default-src 'none'");
    }

    private async Task<(HttpStatusCode Status, string Text, TimeSpan Took)> SendAsync(byte[] content, string name)
    {
        var clock = Stopwatch.StartNew();
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { file, "file", name } };
        using var answer = await _client.PostAsync(new Uri("/api/v1/files", UriKind.Relative), form, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), clock.Elapsed);
    }

    private static byte[] WordThatCalls(string away) =>
        SampleFiles.Docx($"<w:p><w:r><w:t>Read me</w:t></w:r></w:p><w:altChunk r:id=\"{away}\" xmlns:r=\"{away}/r\"/>");

    private static string Format(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:N0} KB");

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    /// <summary>Looks at the children that read documents, by /proc.</summary>
    private sealed class ChildWatch : IDisposable
    {
        private readonly string _mark;
        private readonly HashSet<string> _seen = [];
        private readonly CancellationTokenSource _end = new();
        private readonly Thread _watching;

        public ChildWatch(string mark)
        {
            _mark = mark;
            _watching = new Thread(Watch) { IsBackground = true };
            _watching.Start();
        }

        public int Seen => _seen.Count;

        public int MostAtOnce { get; private set; }

        /// <summary>The most resident memory of a child, in bytes.</summary>
        public long Largest { get; private set; }

        public void Dispose()
        {
            _end.Cancel();
            _watching.Join();
            _end.Dispose();
        }

        private void Watch()
        {
            while (!_end.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(10)))
            {
                var now = 0;
                foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])))
                {
                    now += Look(process) ? 1 : 0;
                }

                MostAtOnce = Math.Max(MostAtOnce, now);
            }
        }

        private bool Look(string process)
        {
            try
            {
                var line = File.ReadAllText($"{process}/cmdline");
                if (!line.Contains(TextProgram.Verb, StringComparison.Ordinal) || !line.Contains(_mark, StringComparison.Ordinal))
                {
                    return false;
                }

                var peak = File.ReadLines($"{process}/status").FirstOrDefault(each => each.StartsWith("VmHWM:", StringComparison.Ordinal));
                if (peak is null)
                {
                    // It has ended, and its parent has not looked yet.
                    return false;
                }

                _seen.Add(process);
                Largest = Math.Max(
                    Largest,
                    1024 * long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
                );
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }
}
