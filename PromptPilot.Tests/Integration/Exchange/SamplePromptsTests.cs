using System.Text;
using System.Text.RegularExpressions;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Prompts;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Exchange;

/// <summary>The prompts that come with the portal: in its own format, each of use as it is.</summary>
public sealed class SamplePromptsTests
{
    private static readonly Dictionary<string, string> Samples = Directory
        .GetFiles(RepositoryRoot.File("samples", "prompts"), "*.md")
        .Where(path => Path.GetFileName(path) != "README.md")
        .ToDictionary(path => Path.GetFileName(path), File.ReadAllText);

    public static TheoryData<string> Names { get; } = [.. Samples.Keys];

    [Fact]
    public async Task Folder_ImportedAndExported_IsTheSameByteByByte()
    {
        await using var portal = await PortalHost.StartAsync();
        using var client = portal.CreateAdminClient();
        var zip = ExchangeApiTests.Zip([.. Samples.Select(sample => (sample.Key, sample.Value)), ("README.md", "for people")]);
        var report = await ExchangeApiTests.ImportAsync(client, zip, "");
        report.GetProperty("created").GetInt32().Should().Be(Samples.Count);
        var exported = ExchangeApiTests.Files(await ExchangeApiTests.ExportAsync(client, ""));
        exported.ToDictionary(file => file.Key["prompts/".Length..], file => file.Value).Should().BeEquivalentTo(Samples);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sample_RendersWithItsExamples(string name)
    {
        var prompt = PromptFile.Read(Samples[name]).Value;
        PromptFile.Write(prompt).Should().Be(Samples[name]);
        var preview = PromptPreview.Of(prompt.Draft, null, TestContext.Current.CancellationToken);
        preview.Errors.Should().BeEmpty();
        preview.RenderError.Should().BeNull();
        preview.Texts!.Messages[^1].Text.Should().NotContain("‹", "each variable has an example or a default");
        preview.Texts.Messages[^1].Text.Should().NotContain("{%");
    }

    [Fact]
    public void Folder_HasTheKindsThatPeopleNeed()
    {
        Samples.Should().HaveCountGreaterThanOrEqualTo(30);
        Count(text => text.Contains("{% for ", StringComparison.Ordinal)).Should().BeGreaterThanOrEqualTo(8);
        Count(text => Regex.IsMatch(text, "{% (if|unless|case) ")).Should().BeGreaterThanOrEqualTo(8);
        Count(text => text.Contains("JSON", StringComparison.Ordinal) && text.Contains("{\"", StringComparison.Ordinal))
            .Should()
            .BeGreaterThanOrEqualTo(6);
        Samples
            .Keys.Count(name => name.EnumerateRunes().Any(rune => rune.Value > 0x36F && Rune.IsLetter(rune)))
            .Should()
            .BeGreaterThanOrEqualTo(6);
    }

    private static int Count(Func<string, bool> has) => Samples.Values.Count(has);
}
