using System.Text.RegularExpressions;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>
/// Lines end by column 140, counted in characters. The formatter breaks neither comments nor texts, so this looks at what it leaves.
/// </summary>
public partial class LineLengthTests
{
    private const int Widest = 140;

    private static readonly string[] Skipped = ["PromptPilot.Core/Data/Migrations/", "PromptPilot.Web/wwwroot/lib/", "bench/"];

    public static TheoryData<string> Kinds => ["*.cs", "*.razor", "*.css", "*.js", "*.md"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Lines_EndByColumn140(string kind)
    {
        var files = Documents.Matching(kind).Where(file => !Skipped.Any(file.StartsWith)).ToList();

        files.Should().NotBeEmpty();
        files.SelectMany(file => TooWide(file, kind)).Should().BeEmpty("wide lines are broken by hand where the formatter does not");
    }

    /// <summary>
    /// In Markdown, only blocks of code: a paragraph is one line there. A raw text in code keeps its lines, and so does a pattern.
    /// </summary>
    private static IEnumerable<string> TooWide(string file, string kind)
    {
        var (isInside, number) = (false, 0);
        foreach (var line in Documents.Read(file).Split('\n').Select(line => line.TrimEnd('\r')))
        {
            number++;
            var fences = (kind == "*.md" ? Fence() : RawText()).Count(line);
            var isSkipped = kind == "*.md" ? !isInside : isInside || fences > 0 || line.Contains("@\"", StringComparison.Ordinal);
            isInside ^= fences % 2 == 1;
            if (line.Length > Widest && !isSkipped)
            {
                yield return $"{file}, line {number}: {line.Trim()}";
            }
        }
    }

    [GeneratedRegex("^ *```")]
    private static partial Regex Fence();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawText();
}
