using System.Text.RegularExpressions;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Docs;

public partial class LinkTests
{
    public static TheoryData<string> Documents() =>
        [
            .. new[] { RepositoryRoot.File("README.md") }
                .Concat(Directory.EnumerateFiles(RepositoryRoot.File("docs"), "*.md", SearchOption.AllDirectories))
                .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Document_RelativeLinks_LeadSomewhere(string document)
    {
        var path = RepositoryRoot.File(document);
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        var dead = Links()
            .Matches(text)
            .Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target.Split('#')[0])));

        dead.Should().BeEmpty();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Links();
}
