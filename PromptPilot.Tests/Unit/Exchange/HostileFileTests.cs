using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>Files that mean harm, or nothing: refused in words, quickly, without filling the memory.</summary>
public class HostileFileTests
{
    private const string Signs = "ab:-[]{}&*!|>'\"%@` \n\t,?#\\u0U";

    private const string Good = "---\nname: Good\n---\nHello\n";

    public static TheoryData<string, string> Yaml { get; } =
        new()
        {
            { "name: &a x\ntags: [*a]", "anchors" },
            { "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nname: *b", "anchors" },
            { "name: *nowhere", "anchors" },
            { "name: !!python/object/apply:os.system [ls]", "tags (!)" },
            { "<<: {name: x}", "unknown field “<<”" },
            { "name: [a]", "“name” must be text" },
            { "name: 7", "quotes" },
            { "name: x\ntags: a", "“tags” must be a list of text values" },
            { "name: x\ntags: [[a]]", "“tags” must be a list of text values" },
            { "name: x\nvariables: {a: b}", "“variables” must be a list" },
            { "name: x\nvariables:\n  - name: v\n    required: maybe", "true or false" },
            { "name: x\nvariables:\n  - name: v\n    type: anything", "one of text, number" },
            { "name: x\ntagz: [a]", "Did you mean “tags”" },
            { "name: x\napiKey: sk-1", "unknown field “apiKey”" },
            { "name: x\nname: y", "twice" },
            { "name: x\n---\nname: y", "second document" },
            { "- name: x", "not a list" },
            { "just words", "not text" },
            { "", "The file is empty" },
            { "name: \"x", "not YAML" },
            { "name: x\n\ttags: y", "not YAML" },
            { "? [a]\n: b", "must be text" },
            { "name: x\nversion: latest", "is not a version" },
            { "name: x\nlabels: [latest]", "automatic" },
            { "name: x\nlabels: [A B]", "lowercase letters" },
            { "name: \"\\uD800\"", "" },
            { "name: x\ndeep: " + new string('[', 100_000), "deep" },
            { "name: x\ndeep: " + new string('{', 5_000), "" },
            { "name: x\nwide: [" + string.Concat(Enumerable.Repeat("a,", 60_000)) + "]", "50,000 values" },
        };

    [Theory]
    [MemberData(nameof(Yaml))]
    public void Read_HostileYaml_IsRefusedInWords(string yaml, string words)
    {
        var clock = Stopwatch.StartNew();

        // A second fence would end the front matter, so such a file is read as YAML alone.
        var problem = yaml.Contains("\n---", StringComparison.Ordinal)
            ? YamlReader.Read(yaml, 1).Problem
            : PromptFile.Read($"---\n{yaml}\n---\nText\n").Problem;
        if (words.Length > 0)
        {
            problem.Should().NotBeNull();
            string.Join(" ", problem!.Errors.Select(error => error.Message).Prepend(problem.Message)).Should().Contain(words);
        }

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("no front matter", "starts with a line ---")]
    [InlineData("---\nname: x\nnever ends", "is not closed")]
    public void Read_NoFrontMatter_IsRefused(string text, string words) => PromptFile.Read(text).Problem!.Message.Should().Contain(words);

    [Fact]
    public void Read_RandomBytes_NeverThrows()
    {
        var random = new Random(7);
        for (var i = 0; i < Samples.Count(few: 1_000, many: 10_000); i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Plan(("a.md", [.. "---\n"u8, .. bytes, .. "\n---\n"u8]), ("b.yaml", bytes));
            var ascii = Encoding.ASCII.GetBytes(new string([.. bytes.Select(b => Signs[b % Signs.Length])]));
            Plan(("a.md", [.. "---\n"u8, .. ascii, .. "\n---\n"u8]), ("b.yaml", ascii));
        }
    }

    [Fact]
    public void Parse_NotUtf8_IsRefused_AndAMarkIsTaken()
    {
        Plan(("a.md", [0xFF, 0xFE, 0x2D, 0x00])).Single().Reasons.Single().Should().Contain("UTF-16");
        Plan(("a.md", [.. Encoding.UTF8.GetBytes("---\nname: x\n---\n"), 0xE9, 0x20]))
            .Single()
            .Reasons.Single()
            .Should()
            .Contain("not UTF-8");
        Plan(("a.md", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)])).Single().IsSound.Should().BeTrue();
    }

    [Fact]
    public void Parse_TheSameNameTwice_RefusesTheSecond()
    {
        var files = Plan(
            ("a.md", Encoding.UTF8.GetBytes(Good)),
            ("b.md", Encoding.UTF8.GetBytes(Good.Replace("Good", "GOOD", StringComparison.Ordinal)))
        );
        files[0].IsSound.Should().BeTrue();
        files[1].Reasons.Single().Should().Contain("also in a.md");
    }

    [Fact]
    public void Unpack_PathsThatLeadOut_AreRefused()
    {
        var files = Unpack(
            Zip(
                ("../evil.md", Good),
                ("/etc/evil.md", Good),
                ("C:\\evil.md", Good),
                ("a/../../evil.md", Good),
                ("good/file.md", Good),
                ("run.exe", "MZ"),
                ("inner.zip", "PK"),
                ("README.md", "hello"),
                (".git/config", "x"),
                ("__MACOSX/a.md", "x")
            )
        );
        files.Where(file => file.Refused is null && file.Ignored is null).Select(file => file.Path).Should().Equal("good/file.md");
        files.Count(file => file.Refused!?.Contains("points outside", StringComparison.Ordinal) == true).Should().Be(4);
        files.Count(file => file.Ignored is not null).Should().Be(3);
    }

    [Fact]
    public void Unpack_PathsThatDifferByCase_RefusesTheSecond() =>
        Unpack(Zip(("a.md", Good), ("A.md", Good)))[1].Refused.Should().Contain("twice");

    [Fact]
    public void Unpack_ZipBomb_StopsAtTheLimit()
    {
        // Of this thread: other tests allocate meanwhile.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var one = ExchangeArchive.Unpack([new ImportFile("bomb.zip", Bomb(1, 300))]);
        one.Value.Single().Refused.Should().Contain("8 MB");
        var many = ExchangeArchive.Unpack([new ImportFile("bombs.zip", Bomb(40, 7))]);
        many.Problem!.Kind.Should().Be(ProblemKind.TooLarge);
        many.Problem.Message.Should().Contain("96 MB");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(900L * 1024 * 1024);
    }

    [Fact]
    public void Unpack_TooManyFiles_NamesTheLimit() =>
        ExchangeArchive
            .Unpack([new ImportFile("many.zip", Zip([.. Enumerable.Range(0, ExchangeLimits.Files + 1).Select(i => ($"{i}.md", ""))]))])
            .Problem!.Message.Should()
            .Contain("10,000 files");

    [Fact]
    public void Unpack_TooLargeUpload_NamesTheLimit() =>
        ExchangeArchive
            .Unpack([new ImportFile("large.zip", new byte[ExchangeLimits.Upload + 1])])
            .Problem!.Message.Should()
            .Contain("24 MB");

    [Fact]
    public void Unpack_DamagedOrNothing_IsRefusedInWords()
    {
        var zip = Zip(("a.md", Good));
        ExchangeArchive.Unpack([new ImportFile("cut.zip", zip[..(zip.Length / 2)])]).Problem!.Message.Should().Contain("damaged");
        ExchangeArchive
            .Unpack([new ImportFile("text.zip", "hello"u8.ToArray())])
            .Problem!.Message.Should()
            .Contain("not a readable archive");
        ExchangeArchive.Unpack([]).Problem!.Message.Should().Contain("No file");
    }

    [Fact]
    public void Names_OfFiles_AreNeverTheSame()
    {
        var names = new FileNames();
        new[] { "A b", "a B", "CON", "…", "../..", "要約", new string('x', 500), "readme", "Ünï" }
            .Select(names.Next)
            .Should()
            .Equal("a-b", "a-b-2", "con-1", "unnamed", "unnamed-2", "要約", new string('x', 80), "readme-1", "ünï");
    }

    [Fact]
    public void Prompts_WithOddTexts_AreWrittenAndReadAsTheyWere()
    {
        var names = new FileNames();
        foreach (var odd in OddTexts.Take(Samples.Count(few: 300, many: 3_000)).Where(text => Unicode.Fault(text) is null))
        {
            var draft = new PromptDraft
            {
                Name = odd,
                Category = odd,
                Tags = [odd],
                Content = odd,
                SystemMessage = odd,
            };

            var read = PromptFile.Read(PromptFile.Write(new PromptDocument(draft, "1.0.0", [])));

            read.IsOk.Should().BeTrue(OddTexts.Json(odd));
            var got = read.Value.Draft;
            (got.Content, got.SystemMessage).Should().Be((odd, odd), OddTexts.Json(odd));
            (got.Name, got.Category, got.Tags[0]).Should().Be((odd.Trim(), odd.Trim(), odd.Trim()), OddTexts.Json(odd));
            names.Next(odd).Should().NotBeEmpty();
        }
    }

    private static IReadOnlyList<ParsedFile> Plan(params (string Path, byte[] Content)[] files) =>
        ImportParser.Parse(
            ExchangeArchive.Unpack([.. files.Select(file => new ImportFile(file.Path, file.Content))]).Value,
            TestContext.Current.CancellationToken
        );

    private static IReadOnlyList<UnpackedFile> Unpack(byte[] zip) => ExchangeArchive.Unpack([new ImportFile("some.zip", zip)]).Value;

    private static byte[] Bomb(int files, int megabytes)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < files; i++)
            {
                using var stream = archive.CreateEntry($"{i}.md").Open();
                for (var j = 0; j < megabytes; j++)
                {
                    stream.Write(zeros);
                }
            }
        }

        return memory.ToArray();
    }

    internal static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                using var stream = archive.CreateEntry(path).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return memory.ToArray();
    }
}
