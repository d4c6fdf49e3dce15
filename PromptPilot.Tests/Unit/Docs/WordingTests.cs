using System.Text.RegularExpressions;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>Words that read as translated, or name models that are retired, stay out of what people read.</summary>
public class WordingTests
{
    /// <summary>What is scanned. Add a pattern when the texts of another kind of file have been edited.</summary>
    private static readonly string[] Scanned = ["*.md"];

    /// <summary>Each pattern, and what to write instead. Patterns match whole words in any case.</summary>
    private static readonly (string Pattern, string Instead)[] Banned =
    [
        ("anyhow", "any trigger, any way; or leave it out"),
        ("anybody", "anyone"),
        ("nobody fits", "No users match"),
        ("mend(s|ed|ing)?", "fix"),
        ("in vain", "Timed out after … waiting for …"),
        ("whoever", "name the subject: the admin, the caller"),
        ("somebody", "someone; or name the subject"),
        ("by the rule", "automatic"),
        ("stands at", "is at, is shown at"),
        ("counts? at once", "applies immediately"),
        ("takes? up", "resumes, picks up"),
        ("hands? out", "returns"),
        ("no more(?! than \\d)", "no longer"),
        ("gpt-4\\.1-mini", "no model: it is retired"),
        ("gpt-4\\.1-nano", "no model: it is retired"),
        ("o4-mini", "no model: it is retired"),
    ];

    public static TheoryData<string> Files => [.. Scanned.SelectMany(Documents.Matching)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Text_HasNoBannedWords(string file) => Faults(Documents.Read(file)).Should().BeEmpty($"{file} is to read as plain English");

    [Theory]
    [InlineData("It takes no more than 3 calls.", false)]
    [InlineData("It does so no more.", true)]
    [InlineData("A recommended amendment", false)]
    [InlineData("Mend it", true)]
    [InlineData("across\nlines in\nvain", true)]
    public void Faults_AreWholeWords(string text, bool isFault) => Faults(text).Any().Should().Be(isFault);

    private static IEnumerable<string> Faults(string text) =>
        from word in Banned
        let pattern = $@"\b{word.Pattern.Replace(" ", @"\s+", StringComparison.Ordinal)}\b"
        from match in Regex.Matches(text, pattern, RegexOptions.IgnoreCase)
        select $"line {text.AsSpan(0, match.Index).Count('\n') + 1}: “{match.Value}” → {word.Instead}";
}
