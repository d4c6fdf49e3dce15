using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Uses;

/// <summary>Finds the version of a prompt by its name, and its number or a label.</summary>
internal static class PromptByName
{
    /// <param name="exactVersion">Semantic version; null: the one with the label.</param>
    /// <param name="label">Null means latest.</param>
    public static async Task<Result<PromptVersion>> FindAsync(
        PromptPilotDbContext db,
        string name,
        string? exactVersion,
        string? label,
        CancellationToken cancellationToken
    )
    {
        var normalized = name.Trim().ToUpperInvariant();
        var prompt = await db.Prompts.AsNoTracking().SingleOrDefaultAsync(p => p.NormalizedName == normalized, cancellationToken);
        if (prompt is null)
        {
            return Problem.NotFound("prompt");
        }

        if (exactVersion is not null)
        {
            return
                await db
                    .PromptVersions.AsNoTracking()
                    .SingleOrDefaultAsync(v => v.PromptId == prompt.Id && v.Version == exactVersion, cancellationToken)
                    is { } exact
                ? exact
                : new Problem(
                    ProblemKind.NotFound,
                    $"“{prompt.Name}” has no version {exactVersion}.",
                    [new FieldError("version", "There is no such version.")]
                );
        }

        var versionId = label is null or PromptLabels.Latest
            ? prompt.LatestVersionId
            : await db
                .PromptLabels.Where(l => l.PromptId == prompt.Id && l.Name == label)
                .Select(l => l.PromptVersionId)
                .SingleOrDefaultAsync(cancellationToken);
        return versionId is null
            ? new Problem(
                ProblemKind.NotFound,
                $"“{prompt.Name}” has no label “{label}”.",
                [new FieldError("label", "There is no such label.")]
            )
            : await db.PromptVersions.AsNoTracking().SingleAsync(v => v.Id == versionId, cancellationToken);
    }
}
