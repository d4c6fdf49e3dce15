using System.Text.RegularExpressions;
using PromptPilot.Core.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>The borders between the parts, read from the source.</summary>
public partial class ArchitectureTests
{
    [Fact]
    public void SemanticKernel_IsKnownToItsFolderOnly() =>
        Sources()
            .Where(file =>
                !file.Path.Contains("/Models/SemanticKernel/", StringComparison.Ordinal)
                && file.Text.Contains("Microsoft.SemanticKernel", StringComparison.Ordinal)
            )
            .Select(file => file.Path)
            .Should()
            .BeEmpty();

    [Fact]
    public void Core_DoesNotReferenceWeb() =>
        typeof(RunService).Assembly.GetReferencedAssemblies().Select(name => name.Name).Should().NotContain("PromptPilot.Web");

    [Fact]
    public void RunsEventsAndLogs_AreWrittenByTheJournalOnly() =>
        Sources()
            .Where(file => !file.Path.Contains("/Runs/Journal/", StringComparison.Ordinal) && JournalWrite().IsMatch(file.Text))
            .Select(file => file.Path)
            .Should()
            .BeEmpty();

    [Fact]
    public void Texts_AreShortenedByOneHelperOnly() =>
        Sources()
            .Where(file => !file.Path.EndsWith("/Shorten.cs", StringComparison.Ordinal))
            .SelectMany(file => HandMadeCut().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}"))
            .Should()
            .BeEmpty("a cut at an index can go through a character; use Shorten");

    /// <summary>A beginning of a text with an ellipsis behind it, made by hand.</summary>
    [GeneratedRegex(
        """\[(0)?\.\.[^\[\]\n^]+\](\.TrimEnd\(\))?\)?\s*\+\s*"…|\[(0)?\.\.[^\[\]\n]+\]\}…(?!\{)""",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex HandMadeCut();

    private static IEnumerable<(string Path, string Text)> Sources() =>
        from project in new[] { "PromptPilot.Core", "PromptPilot.Web" }
        from path in Directory.EnumerateFiles(RepositoryRoot.File(project), "*", SearchOption.AllDirectories)
        let plain = path.Replace('\\', '/')
        where plain.EndsWith(".cs", StringComparison.Ordinal) || plain.EndsWith(".razor", StringComparison.Ordinal)
        where !plain.Contains("/obj/", StringComparison.Ordinal) && !plain.Contains("/bin/", StringComparison.Ordinal)
        select (plain, File.ReadAllText(path));

    [GeneratedRegex(
        @"\.(WorkflowRuns|RunEvents|ExecutionLogs)\s*\.\s*(Add|Remove|Update|Attach)|\.(WorkflowRuns|RunEvents|ExecutionLogs)\b[^;]*\.Execute(Update|Delete)Async"
    )]
    private static partial Regex JournalWrite();
}
