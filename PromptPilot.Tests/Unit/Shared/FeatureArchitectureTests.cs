using System.Text.RegularExpressions;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>Features can be read in an order: each uses only those before it. A folder can be read at a glance.</summary>
public partial class FeatureArchitectureTests
{
    private const int MostFiles = 18;

    private static readonly string[] CoreOrder =
    [
        "Shared",
        "Data",
        "Liquid",
        "JsonSchemas",
        "Mail",
        "Audit",
        "Users",
        "Files",
        "Models",
        "Prompts",
        "Workflows",
        "Runs",
        "Feedback",
        "TestSets",
        "Experiments",
        "Approvals",
        "Insights",
        "Search",
        "Storage",
        "Triggers",
        "Integrations",
        "Notifications",
        "Settings",
        "Exchange",
    ];

    /// <summary>Who names later features, by the start of the path, which ones (null: any), and why.</summary>
    private static readonly (string Path, string? Feature, string Why)[] Ahead =
    [
        ("Data/PromptPilotDbContext.cs", null, "the list of all tables"),
        ("Data/DataSetup.cs", "Audit", "every context writes the audit log"),
        ("Data/Texts/", "Audit", "the audited rows are those that people and programs write"),
        ("Data/Postgres/PostgresSetup.cs", "Audit", "every context writes the audit log"),
        ("Data/Postgres/PostgresPromptPilotDbContext.cs", null, "the list of what PostgreSQL stores differently"),
        ("Audit/AuditCatalog.cs", null, "the list of how changes of each entity are audited"),
        ("Audit/", "Users", "an entry names an actor, and signing in is told: who acts and what is told of it belong together"),
        ("Models/ModelProfileUse.cs", "Workflows", "a profile says which workflows use it"),
        ("Prompts/Uses/", "Workflows", "a prompt says which workflows use it"),
        ("Workflows/", "Runs", "a workflow shows its last runs, and checks schemas as runs do"),
        ("Prompts/Prompt.cs", "Approvals", "a label moves only with a pass of the gate"),
        ("Prompts/Saving/LabelWriter.cs", "Approvals", "a label moves only with a pass of the gate"),
        ("Workflows/Workflow.cs", "Approvals", "a workflow is published only with a pass of the gate"),
        ("Workflows/Versions/WorkflowPublishing.cs", "Approvals", "a workflow is published only with a pass of the gate"),
        ("Workflows/Versions/WorkflowVersionService.cs", "Approvals", "a version says that it was published without approval"),
        ("Runs/", "Integrations", "the journal writes deliveries in the commit that ends a run"),
        ("Runs/Rollups/", "Feedback", "ratings are summed like the calls they are about"),
    ];

    /// <summary>Which features of the web show parts of which others, by the start of the path.</summary>
    private static readonly (string Path, string Feature, string Why)[] AheadInWeb =
    [
        ("Runs/RunFlow", "Workflows", "a run is drawn as the workflow is; the designer shows its test run as a run is shown"),
        ("Experiments/PromptTests", "TestSets", "a test set is created where a prompt is tested; its page shows experiments"),
    ];

    [Fact]
    public void CoreFeatures_AreInTheOrder() =>
        Directory
            .GetDirectories(RepositoryRoot.File("PromptPilot.Core"))
            .Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj"))
            .Should()
            .BeEquivalentTo(CoreOrder, "a new feature gets its place in the order");

    [Fact]
    public void CoreFeatures_UseOnlyThoseBeforeThem()
    {
        var uses = Uses("PromptPilot.Core", CoreName()).ToList();
        var later = uses.Where(use => Array.IndexOf(CoreOrder, use.Used) > Array.IndexOf(CoreOrder, use.Feature)).ToList();

        later
            .Where(use => !Ahead.Any(entry => IsOf(entry.Path, entry.Feature, use)))
            .Select(use => $"{use.Path} uses {use.Used}")
            .Should()
            .BeEmpty("move the type to the feature it belongs to, or let the later feature register what the earlier one calls");
        Ahead.Where(entry => !later.Any(use => IsOf(entry.Path, entry.Feature, use))).Should().BeEmpty("what is no longer needed goes");
    }

    [Fact]
    public void WebFeatures_UseEachOtherOneWayOnly()
    {
        var uses = Uses("PromptPilot.Web/Features", WebName())
            .Where(use => !AheadInWeb.Any(entry => IsOf(entry.Path, entry.Feature, use)))
            .ToList();

        uses.Where(use => uses.Any(other => other.Feature == use.Used && other.Used == use.Feature))
            .Select(use => $"{use.Path} uses {use.Used}")
            .Should()
            .BeEmpty();
    }

    [Fact]
    public void Folders_HoldWhatIsReadAtAGlance() =>
        new[] { "PromptPilot.Core", "PromptPilot.Web" }
            .SelectMany(Sources)
            .GroupBy(path => path[..path.LastIndexOf('/')])
            .Where(folder => !folder.Key.Contains("/Migrations", StringComparison.Ordinal))
            .Select(folder => (folder.Key, Count: folder.Select(Component).Distinct().Count()))
            .Where(folder => folder.Count > MostFiles)
            .Should()
            .BeEmpty($"a folder holds at most {MostFiles} files, a component with its code and styles being one");

    private static bool IsOf(string path, string? feature, Use use) =>
        use.Path.StartsWith(path, StringComparison.Ordinal) && (feature is null || feature == use.Used);

    /// <summary>Which features a file names, by usings and qualified names.</summary>
    private static IEnumerable<Use> Uses(string root, Regex name) =>
        from path in Sources(root)
        let inside = path[(root.Length + 1)..]
        where inside.Contains('/')
        let feature = inside[..inside.IndexOf('/')]
        where !inside.Contains("/Migrations/", StringComparison.Ordinal)
        from used in name.Matches(File.ReadAllText(RepositoryRoot.File(path))).Select(match => match.Groups["feature"].Value).Distinct()
        where used != feature && Directory.Exists(RepositoryRoot.File($"{root}/{used}"))
        select new Use(inside, feature, used);

    private static string Component(string path) => path[(path.LastIndexOf('/') + 1)..].Split('.')[0];

    /// <summary>Source files by their path from the root of the repository.</summary>
    private static IEnumerable<string> Sources(string root) =>
        Directory
            .EnumerateFiles(RepositoryRoot.File(root), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RepositoryRoot.File("."), path).Replace('\\', '/'))
            .Where(path =>
                Path.GetExtension(path) is ".cs" or ".razor"
                && !path.Contains("/obj/", StringComparison.Ordinal)
                && !path.Contains("/bin/", StringComparison.Ordinal)
            );

    [GeneratedRegex(@"\bPromptPilot\.Core\.(?<feature>\w+)|(?<![\w.])Core\.(?<feature>\w+)\.[A-Z]")]
    private static partial Regex CoreName();

    [GeneratedRegex(@"\bPromptPilot\.Web\.Features\.(?<feature>\w+)|(?<![\w.])Features\.(?<feature>\w+)\.[A-Z]")]
    private static partial Regex WebName();

    private sealed record Use(string Path, string Feature, string Used);
}
