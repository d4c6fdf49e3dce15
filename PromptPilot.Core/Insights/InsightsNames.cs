using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;

namespace PromptPilot.Core.Insights;

/// <summary>A display name.</summary>
internal readonly record struct InsightsName(string Text, string? PromptId = null, bool IsDeleted = false);

/// <summary>The current names for the ids in a report. Rollups store only ids and outlive the items they count.</summary>
internal sealed class InsightsNames
{
    private readonly InsightsGroup _group;
    private readonly Dictionary<string, InsightsName> _owners;
    private readonly Dictionary<string, InsightsName> _versions;
    private readonly Dictionary<string, InsightsName> _profiles;

    private InsightsNames(
        InsightsGroup group,
        Dictionary<string, InsightsName> owners,
        Dictionary<string, InsightsName> versions,
        Dictionary<string, InsightsName> profiles
    ) => (_group, _owners, _versions, _profiles) = (group, owners, versions, profiles);

    /// <param name="rows">The ids of the groups.</param>
    public static async Task<InsightsNames> FindAsync(
        PromptPilotDbContext db,
        InsightsGroup group,
        IReadOnlyList<string> rows,
        IReadOnlyList<string> versions,
        IReadOnlyList<string> profiles,
        CancellationToken cancellationToken
    )
    {
        var owners = group switch
        {
            InsightsGroup.Workflow => await db
                .Workflows.Where(workflow => rows.Contains(workflow.Id))
                .ToDictionaryAsync(workflow => workflow.Id, workflow => new InsightsName(workflow.Name), cancellationToken),
            InsightsGroup.Person => await db
                .Users.Where(user => rows.Contains(user.Id))
                .ToDictionaryAsync(user => user.Id, user => new InsightsName(user.Name), cancellationToken),
            _ => [],
        };
        var versionIds = group == InsightsGroup.PromptVersion ? [.. versions.Union(rows)] : versions;
        return new InsightsNames(
            group,
            owners,
            await db
                .PromptVersions.IgnoreQueryFilters([PromptVersions.Drafts])
                .Where(version => versionIds.Contains(version.Id))
                .Select(version => new
                {
                    version.Id,
                    version.PromptId,
                    version.Name,
                    Version = version.Number < 0 ? "draft" : version.Version,
                })
                .ToDictionaryAsync(
                    version => version.Id,
                    version => new InsightsName($"{version.Name} {version.Version}", version.PromptId),
                    cancellationToken
                ),
            await db
                .ModelProfiles.Where(profile => profiles.Contains(profile.Id))
                .Select(profile => new { profile.Id, profile.Name })
                .ToDictionaryAsync(profile => profile.Id, profile => new InsightsName(profile.Name), cancellationToken)
        );
    }

    /// <summary>Of a group, by its id.</summary>
    public InsightsName Row(string id) =>
        _group switch
        {
            InsightsGroup.Trigger => new InsightsName(id),
            InsightsGroup.PromptVersion => Version(id),
            InsightsGroup.Model => Profile(id),
            InsightsGroup.Person when id.Length == 0 => new InsightsName("No person"),
            InsightsGroup.Person => Of(_owners, id, "Deleted user"),
            _ => Of(_owners, id, "Deleted workflow"),
        };

    public InsightsName Version(string id) => Of(_versions, id, "Deleted prompt");

    public InsightsName Profile(string id) =>
        id.Length == 0 ? new InsightsName("Called by applications") : Of(_profiles, id, "Deleted model profile");

    private static InsightsName Of(Dictionary<string, InsightsName> names, string id, string ifDeleted) =>
        names.TryGetValue(id, out var name) ? name : new InsightsName(ifDeleted, IsDeleted: true);
}
