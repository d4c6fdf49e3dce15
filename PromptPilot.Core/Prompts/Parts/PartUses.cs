using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Prompts.Parts;

/// <summary>A prompt whose newest version includes another.</summary>
/// <param name="Labels">Labels that it follows.</param>
/// <param name="Versions">Semantic versions that it is pinned to.</param>
public sealed record PartUse(string PromptId, string PromptName, IReadOnlyList<string> Labels, IReadOnlyList<string> Versions);

/// <summary>A version with what it includes.</summary>
internal sealed record VersionParts(
    string Id,
    string PromptId,
    string PromptName,
    string Version,
    bool IsLatest,
    IReadOnlyList<PromptPart> Parts,
    IReadOnlyList<VariableDefinition> Definitions
);

/// <summary>Which versions include which others.</summary>
internal sealed class PartUses(IReadOnlyList<VersionParts> versions, IReadOnlyDictionary<string, string> labels)
{
    public IReadOnlyList<VersionParts> Versions => versions;

    /// <summary>Reads all versions that include anything, and where the labels are.</summary>
    public static async Task<PartUses> LoadAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var ids = await db
            .Database.SqlQuery<string>($"""SELECT "Id" AS "Value" FROM "PromptVersions" WHERE "Parts" <> '[]'""")
            .ToListAsync(cancellationToken);
        if (ids.Count == 0)
        {
            return new PartUses([], new Dictionary<string, string>());
        }

        var versions = await (
            from version in db.PromptVersions.AsNoTracking()
            where ids.Contains(version.Id)
            join prompt in db.Prompts on version.PromptId equals prompt.Id
            orderby prompt.NormalizedName, version.Number descending
            select new VersionParts(
                version.Id,
                version.PromptId,
                prompt.Name,
                version.Version,
                prompt.LatestVersionId == version.Id,
                version.Parts,
                version.VariableDefinitions
            )
        ).ToListAsync(cancellationToken);
        var labels = await db.PromptLabels.AsNoTracking().ToListAsync(cancellationToken);
        return new PartUses(versions, labels.ToDictionary(l => PromptPart.LabelKeyOf(l.PromptId, l.Name), l => l.PromptVersionId));
    }

    /// <summary>The version that a step runs, if that includes anything.</summary>
    public string? VersionOf(string promptId, string? versionId, string? label, string? exactVersion) =>
        versionId
        ?? (
            label is not null ? labels.GetValueOrDefault(PromptPart.LabelKeyOf(promptId, label))
            : exactVersion is not null ? versions.FirstOrDefault(v => v.PromptId == promptId && v.Version == exactVersion)?.Id
            : versions.FirstOrDefault(v => v.PromptId == promptId && v.IsLatest)?.Id
        );

    /// <summary>Prompts whose newest version includes this one.</summary>
    public List<PartUse> Of(string promptId) =>
        [
            .. versions
                .Where(version => version.IsLatest && version.Parts.Any(part => part.PromptId == promptId))
                .Select(version => (version, parts: version.Parts.Where(part => part.PromptId == promptId).ToList()))
                .Select(use => new PartUse(
                    use.version.PromptId,
                    use.version.PromptName,
                    [.. use.parts.Select(part => part.Label).OfType<string>().Distinct()],
                    [.. use.parts.Select(part => part.Pinned).OfType<string>().Distinct()]
                )),
        ];

    /// <summary>Names of other prompts of which any version includes this one.</summary>
    public IReadOnlyList<string> NamesOf(string promptId, string? label = null) =>
        [
            .. versions
                .Where(version => version.PromptId != promptId)
                .Where(version => version.Parts.Any(part => part.PromptId == promptId && (label is null || part.Label == label)))
                .Select(version => version.PromptName)
                .Distinct(),
        ];

    /// <summary>Versions that send something else when a label moves: those that follow it, and those that include one of these.</summary>
    public IReadOnlyList<VersionParts> Following(string promptId, string label)
    {
        var found = versions.Where(version => version.Parts.Any(part => part.PromptId == promptId && part.Label == label)).ToList();
        var ids = found.Select(version => version.Id).ToHashSet();
        for (var i = 0; i < found.Count; i++)
        {
            foreach (var version in versions.Where(version => !ids.Contains(version.Id) && version.Parts.Any(Includes)).ToList())
            {
                found.Add(version);
                ids.Add(version.Id);
            }
        }

        return found;

        bool Includes(PromptPart part) => (part.VersionId ?? labels.GetValueOrDefault(part.LabelKey!)) is { } id && ids.Contains(id);
    }
}
