using System.Text.RegularExpressions;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>Words that read as translated, or name models that are retired, stay out of pages, messages, code and docs.</summary>
public class WordingTests
{
    /// <summary>What is scanned. Add a pattern when the texts of another kind of file have been edited.</summary>
    private static readonly string[] Scanned = ["*.md", "*.razor", "*.cs", "*.js", "*.css"];

    /// <summary>Left out: tests, which users do not read, and migrations, which never change.</summary>
    private static readonly string[] Skipped = ["PromptPilot.Tests/", "PromptPilot.Core/Data/Migrations/", "PromptPilot.Web/wwwroot/lib/"];

    /// <summary>Each pattern, and what to write instead. Patterns match whole words in any case.</summary>
    private static readonly (string Pattern, string Instead)[] Banned =
    [
        ("anyhow", "any trigger, any way; or leave it out"),
        ("anybody", "anyone"),
        ("everybody", "everyone"),
        ("somebody", "someone; or name the subject"),
        ("nobody fits", "No users match"),
        ("whoever", "name the subject: the admin, the caller"),
        ("mend(s|ed|ing)?", "fix"),
        ("in vain", "Timed out after … waiting for …"),
        ("by the rule", "automatic"),
        ("is a number from", "must be a number from"),
        ("stands? (at|on|there|beside)", "is at, is shown at"),
        ("counts? at once", "applies immediately"),
        ("takes? up", "resumes, picks up"),
        ("hands? out", "returns"),
        ("lends?", "provides"),
        ("from here on", "from then on, from this point"),
        ("may well", "can, or leave it out"),
        ("for ever", "forever"),
        ("(is|are|was|does|do|has|have) (not|no)( \\w+){0,4} any more", "no longer"),
        ("no more(?! than)", "no longer"),
        ("gpt-4\\.1-mini", "no model: it is retired"),
        ("gpt-4\\.1-nano", "no model: it is retired"),
        ("o4-mini", "no model: it is retired"),
        // American spelling throughout; “cancelled” is the API's word for a status, and stays.
        ("(colo|behavio|favo|hono|neighbo|labo|flavo)ur(s|ed|ing|able|ite)?", "color, behavior, favor, honor, neighbor, labor"),
        (
            "(anonym|author|capital|custom|final|general|initial|maxim|minim|neutral|normal|optim|organ|priorit|random|recogn|serial"
                + "|special|standard|summar|synchron|token|util|vector|visual)is(e|es|ed|er|ing|ation)",
            "-ize, -ization"
        ),
        ("analys(e|es|ed|ing)", "analyze, or analysis"),
        ("(label|model|signal|travel|channel)l(ed|ing)", "labeled, modeled, signaled"),
        ("(catalogue|dialogue)s?", "catalog, dialog"),
        ("centre[ds]?", "center"),
        ("licences?", "license"),
        ("grey", "gray"),
        ("judgements?", "judgment"),
        ("artefacts?", "artifact"),
        ("towards", "toward"),
        ("(whil|among)st", "while, among"),
    ];

    /// <summary>Files where a pattern means something else, e.g. a price list names retired models.</summary>
    private static readonly (string File, string Pattern)[] Allowed =
    [
        ("PromptPilot.Core/Models/Known/KnownModels.cs", "gpt-4\\.1-mini"),
        ("PromptPilot.Core/Models/Known/KnownModels.cs", "gpt-4\\.1-nano"),
        ("PromptPilot.Core/Models/Known/KnownModels.cs", "o4-mini"),
    ];

    /// <summary>The kinds of files, as the cases of the test.</summary>
    public static TheoryData<string> Kinds => [.. Scanned];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Texts_HaveNoBannedWords(string kind)
    {
        var files = Documents.Matching(kind).Where(file => !Skipped.Any(file.StartsWith)).ToList();

        files.Should().NotBeEmpty();
        files
            .SelectMany(file => Faults(Documents.Read(file), file).Select(fault => $"{file}, {fault}"))
            .Should()
            .BeEmpty("all texts are to read as plain English");
    }

    [Theory]
    [InlineData("It takes no more than 3 calls.", false)]
    [InlineData("It does so no more.", true)]
    [InlineData("It is not shown any more.", true)]
    [InlineData("Are there any more?", false)]
    [InlineData("A recommended amendment", false)]
    [InlineData("Mend it", true)]
    [InlineData("It stands for a list", false)]
    [InlineData("across\nlines in\nvain", true)]
    [InlineData("The colours are neighbours", true)]
    [InlineData("Summarise the notes", true)]
    [InlineData("A labelled, cancelled run", true)]
    [InlineData("The run was cancelled", false)]
    [InlineData("aria-labelledby is precise", false)]
    public void Faults_AreWholeWords(string text, bool isFault) => Faults(text, "").Any().Should().Be(isFault);

    private static IEnumerable<string> Faults(string text, string file) =>
        from word in Banned
        where !Allowed.Contains((file, word.Pattern))
        let pattern = $@"\b{word.Pattern.Replace(" ", @"\s+", StringComparison.Ordinal)}\b"
        from match in Regex.Matches(text, pattern, RegexOptions.IgnoreCase)
        select $"line {text.AsSpan(0, match.Index).Count('\n') + 1}: “{match.Value}” → {word.Instead}";
}
