using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Audit;

/// <summary>That nothing escapes the audit log by being forgotten.</summary>
public partial class AuditArchitectureTests
{
    /// <summary>Files that change rows past EF's change tracking, which the audit log does not see; each has a reason.</summary>
    private static readonly Dictionary<string, string> Bulk = new()
    {
        ["PromptPilot.Core/Files/FileStore.cs"] = "the time a file was last sent",
        ["PromptPilot.Core/Files/FileUses.cs"] = "the time a file was last sent",
        ["PromptPilot.Core/Files/FileCleaning.cs"] = "unused files",
        ["PromptPilot.Core/Triggers/Schedules/ScheduleRunner.cs"] = "firings",
        ["PromptPilot.Core/Triggers/Schedules/FiringStarter.cs"] = "firings",
        ["PromptPilot.Core/Triggers/Webhooks/WebhookInbox.cs"] = "receipts",
        ["PromptPilot.Core/Workflows/Saving/WorkflowDeletion.cs"] = "deletes a workflow, and says so itself",
        ["PromptPilot.Core/TestSets/TestSetRemoval.cs"] = "the hidden workflow of a set, which has its own entry",
        ["PromptPilot.Core/Experiments/ExperimentCleaning.cs"] = "hidden workflows of sets that are gone",
        ["PromptPilot.Core/Experiments/ExperimentRunner.cs"] = "the end of an experiment, whose start is told",
        ["PromptPilot.Core/Users/ApiKeys/ApiKeyLookup.cs"] = "the last use of a key",
        ["PromptPilot.Core/Users/SignIn/PasswordSignIn.cs"] = "the last sign-in",
        ["PromptPilot.Core/Users/SignIn/Sessions.cs"] = "sessions, which are told of by who ends them",
        ["PromptPilot.Core/Users/SignIn/SessionService.cs"] = "sessions, and says so itself",
        ["PromptPilot.Core/Users/OpenId/OpenIdSessions.cs"] = "sessions, and audits that itself",
        ["PromptPilot.Core/Users/OpenId/OpenIdLinkService.cs"] = "the sessions of a link, whose removal is audited",
        ["PromptPilot.Core/Prompts/Saving/LabelWriter.cs"] = "labels of a prompt that goes",
        ["PromptPilot.Core/Runs/Budgets/SpentSums.cs"] = "sums",
        ["PromptPilot.Core/Runs/Rollups/RollupSource.cs"] = "sums",
    };

    /// <summary>Where rows live whose changes are not audited at all.</summary>
    private static readonly string[] UnauditedFolders =
    [
        "PromptPilot.Core/Runs/Journal/",
        "PromptPilot.Core/Integrations/",
        "PromptPilot.Core/Notifications/",
    ];

    [Fact]
    public void Entities_AreAllToldOrSayWhyNot() =>
        EntityTypes()
            .Select(type => type.ClrType)
            .Should()
            .BeEquivalentTo(
                AuditCatalog.Audited.Keys.Concat(AuditCatalog.Unaudited.Keys),
                "each entity needs its place in Core/Audit/AuditCatalog.cs: audited property by property, or not, with a reason"
            );

    [Fact]
    public void Properties_OfToldEntities_AreShownSecretOrQuiet()
    {
        foreach (var type in EntityTypes().Where(type => AuditCatalog.Audited.ContainsKey(type.ClrType)))
        {
            var audited = AuditCatalog.Audited[type.ClrType];
            var paths = type.GetProperties()
                .Select(property => property.Name)
                .Concat(
                    type.GetComplexProperties()
                        .SelectMany(complex => complex.ComplexType.GetProperties().Select(property => $"{complex.Name}.{property.Name}"))
                );
            string[] listed = [.. audited.Shown, .. audited.Secret, .. audited.Quiet];
            listed
                .Should()
                .BeEquivalentTo(
                    paths,
                    $"each property of {type.ClrType.Name} is in exactly one list of AuditCatalog: shown with its value, secret, or quiet"
                );
        }
    }

    [Fact]
    public void Properties_ThatSoundLikeSecrets_AreNotShown() =>
        AuditCatalog
            .Audited.Values.SelectMany(audited => audited.Shown.Select(path => $"{audited.Kind}.{path}"))
            .Where(path => SecretWord().IsMatch(path))
            .Should()
            .BeEmpty();

    [Fact]
    public void ChangesPastTheChangeTracker_AreInKnownPlacesOnly()
    {
        var root = RepositoryRoot.File("");
        var places = Directory
            .EnumerateFiles(RepositoryRoot.File("PromptPilot.Core"), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(root, path).Replace('\\', '/'), Text: File.ReadAllText(path)))
            .Where(file =>
                !file.Path.Contains("/obj/", StringComparison.Ordinal)
                && BulkWrite().IsMatch(file.Text)
                && !UnauditedFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))
            )
            .Select(file => file.Path);

        places
            .Should()
            .BeSubsetOf(
                Bulk.Keys,
                "a bulk write is not seen by the audit log: change tracked rows instead, or add an entry and a row here"
            );
    }

    [Fact]
    public void AuditEntries_AreOnlyAdded() =>
        Directory
            .EnumerateFiles(RepositoryRoot.File("PromptPilot.Core"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .Where(text => AuditWrite().IsMatch(text))
            .Should()
            .BeEmpty();

    private static IEnumerable<Microsoft.EntityFrameworkCore.Metadata.IEntityType> EntityTypes()
    {
        using var db = new SqliteDesignTimeFactory().CreateDbContext([]);
        return [.. db.Model.GetEntityTypes().Where(type => !type.IsOwned())];
    }

    [GeneratedRegex("(?i)password|hash|authtoken|secret|stamp|apikey$")]
    private static partial Regex SecretWord();

    [GeneratedRegex(@"\.Execute(Update|Delete)Async\(")]
    private static partial Regex BulkWrite();

    [GeneratedRegex(@"AuditEntries\s*\.\s*(Remove|Update|Attach)|AuditEntries\b[^;]*\.Execute(Update|Delete)Async")]
    private static partial Regex AuditWrite();
}
