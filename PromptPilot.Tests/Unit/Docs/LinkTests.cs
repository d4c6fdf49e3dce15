using System.Text.RegularExpressions;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>Relative links and their anchors lead somewhere, and paths that a document names exist.</summary>
public partial class LinkTests
{
    public static TheoryData<string> All => Documents.Markdown();

    [Theory]
    [MemberData(nameof(All))]
    public void Document_RelativeLinks_LeadSomewhere(string document)
    {
        var folder = Path.GetDirectoryName(RepositoryRoot.File(document))!;
        var dead = new List<string>();
        foreach (var target in Targets(Documents.Read(document)))
        {
            var (file, anchor) = Split(target);
            var path = file.Length == 0 ? RepositoryRoot.File(document) : Path.Combine(folder, file);
            if (!Path.Exists(path) || (anchor is not null && !Anchors(File.ReadAllText(path)).Contains(anchor)))
            {
                dead.Add(target);
            }
        }

        dead.Should().BeEmpty($"links of {document} have to lead to a file, and to one of its headings");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Document_PathsInCode_Exist(string document) =>
        PathsInCode()
            .Matches(WithoutBlocks(Documents.Read(document)))
            .Select(match => match.Groups["path"].Value)
            .Where(path => !Path.Exists(RepositoryRoot.File(path)))
            .Should()
            .BeEmpty($"{document} names them; update it when you move or rename a file");

    [Fact]
    public void Anchors_AreThoseOfTheRepositoryHost() =>
        Anchors("# One `code` & two\n## A, b: c\n```\n# no heading\n```\n## A, b: c\n### [Link](x.md) here\n")
            .Should()
            .Equal("one-code--two", "a-b-c", "a-b-c-1", "link-here");

    private static IEnumerable<string> Targets(string text) =>
        Links()
            .Matches(WithoutBlocks(text))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    private static (string File, string? Anchor) Split(string target)
    {
        var parts = target.Split('#', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : null);
    }

    /// <summary>The anchors of a document's headings, as GitHub makes them.</summary>
    private static List<string> Anchors(string text)
    {
        var anchors = new List<string>();
        foreach (var heading in WithoutBlocks(text).Split('\n').Select(line => Heading().Match(line)).Where(match => match.Success))
        {
            var words = LinkText().Replace(heading.Groups["text"].Value.Trim(), "$1");
            var anchor = NotInAnchors().Replace(words.ToLowerInvariant(), "").Replace(' ', '-');
            var earlier = anchors.Count(other => other == anchor || Regex.IsMatch(other, $"^{Regex.Escape(anchor)}-[0-9]+$"));
            anchors.Add(earlier == 0 ? anchor : $"{anchor}-{earlier}");
        }

        return anchors;
    }

    private static string WithoutBlocks(string text) => Blocks().Replace(text, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"`(?<path>(PromptPilot\.(Core|Web|Tests)|docs|deploy|samples|bench|\.github|\.ci)/[^`\s*]*)`")]
    private static partial Regex PathsInCode();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N}\p{M} _-]")]
    private static partial Regex NotInAnchors();
}
