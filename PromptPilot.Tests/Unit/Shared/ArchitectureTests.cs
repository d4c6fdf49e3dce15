using System.Reflection;
using System.Text.RegularExpressions;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>The borders between the parts, read from the source.</summary>
public partial class ArchitectureTests
{
    /// <summary>Who asks for a permission without <see cref="Core.Users.Operations"/>, and why.</summary>
    private static readonly Dictionary<string, string> AsksByItself = new()
    {
        ["Operations"] = "asks for all others",
        ["ApiKeyService"] = "asks a second time: whether the actor may end the keys of others, too",
        ["RunReplayService"] = "asks a second time: a run of a draft needs more than a run of what is published",
        ["TriggeredRuns"] = "no public service: triggers act as the owner, and a refusal names the owner",
        ["TwoFactorService"] = "works for people who still have to set up the second factor that all else requires",
    };

    /// <summary>Who takes the write gate without <see cref="Core.Users.Operations"/>, and why.</summary>
    private static readonly Dictionary<string, string> TakesTheGateByItself = new()
    {
        ["Operations"] = "takes it for the services",
        ["AttemptRecorder"] = "a worker, not a service: records what became of deliveries",
        ["FileStore"] = "writes for runs and webhooks too; the check of the space and the rows are one transaction",
        ["FirstAdmin"] = "no one has an account yet: only one of two hosts creates the first admin",
        ["NotificationBook"] = "a worker: makes notifications of committed facts",
        ["PromptBulkService"] = "one transaction for each hundred prompts, so that others write in between",
        ["RunJournal"] = "the hot path: one commit for all that waits",
        ["RollupSource"] = "a worker: sums of what was committed",
        ["ScheduleRunner"] = "a worker: firings",
        ["SettingsService"] = "what was written is shown before the next save",
        ["TwoFactorService"] = "see above",
        ["TwoFactorSignIn"] = "nobody is signed in yet",
        ["OpenIdAccounts"] = "the provider decides, and no one is signed in yet",
    };

    [Fact]
    public void Permission_IsAskedForByOperationsOnly() =>
        FilesWith(".RequireAsync(").Should().BeEquivalentTo(AsksByItself.Keys, "services ask by Operations; others need a reason here");

    [Fact]
    public void WriteGate_IsTakenByOperationsOnly() =>
        FilesWith("gate.BeginAsync(")
            .Should()
            .BeEquivalentTo(TakesTheGateByItself.Keys, "services write by Operations; others need a reason here");

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

    /// <summary>The folders of the engine: each uses only those before it. Queue and Feed do not know each other.</summary>
    private static readonly Dictionary<string, string[]> RoomsOfRuns = new()
    {
        ["State"] = [],
        ["Queue"] = ["State"],
        ["Feed"] = ["State"],
        ["Fallback"] = ["State", "Queue"],
        ["Execution"] = ["State", "Queue", "Feed", "Fallback"],
    };

    [Fact]
    public void RoomsOfRuns_UseOnlyThoseBeforeThem() =>
        Sources()
            .SelectMany(file =>
                from room in RoomsOfRuns
                where file.Path.Contains($"/Runs/{room.Key}/", StringComparison.Ordinal)
                from used in RoomsOfRuns.Keys
                where used != room.Key && !room.Value.Contains(used)
                where Regex.IsMatch(file.Text, $@"\bRuns\.{used}\b")
                select $"{file.Path} uses {used}"
            )
            .Should()
            .BeEmpty();

    [Fact]
    public void FoldersOfRuns_HoldNoMoreFilesThanOneCanKeepInMind()
    {
        var folders = Sources()
            .Select(file => Path.GetDirectoryName(file.Path)!.Replace('\\', '/'))
            .Where(folder => folder.Contains("/PromptPilot.Core/Runs", StringComparison.Ordinal))
            .GroupBy(folder => folder[(folder.IndexOf("/Runs", StringComparison.Ordinal) + 1)..])
            .Select(files => (Folder: files.Key, Files: files.Count()))
            .ToList();

        folders.Should().HaveCountGreaterThan(4);
        folders.Where(folder => folder.Files > 18).Should().BeEmpty();
        folders.Where(folder => folder.Files > 12 && RoomsOfRuns.ContainsKey(folder.Folder.Split('/')[^1])).Should().BeEmpty();
    }

    [Fact]
    public void ClassesOfRuns_HaveAtMostEightDependencies() =>
        typeof(RunService)
            .Assembly.GetTypes()
            .Where(type =>
                type.Namespace?.StartsWith("PromptPilot.Core.Runs", StringComparison.Ordinal) is true
                && type.GetMethod("<Clone>$") is null
                && !type.IsNested
            )
            .SelectMany(type =>
                type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                    .Where(constructor => constructor.GetParameters().Length > 8)
                    .Select(constructor => $"{type.Name}: {constructor.GetParameters().Length}")
            )
            .Should()
            .BeEmpty("a class with more is two classes");

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

    private static IEnumerable<string> FilesWith(string call) =>
        Sources()
            .Where(file =>
                file.Path.Contains("PromptPilot.Core", StringComparison.Ordinal) && file.Text.Contains(call, StringComparison.Ordinal)
            )
            .Select(file => Path.GetFileNameWithoutExtension(file.Path));

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
