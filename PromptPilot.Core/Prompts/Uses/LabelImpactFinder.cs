using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Uses;

/// <summary>
/// Finds what moving a label would change: steps that follow it, prompts that include the prompt by it, and the steps of those.
/// </summary>
internal static class LabelImpactFinder
{
    public static async Task<LabelImpact> FindAsync(
        PromptPilotDbContext db,
        string label,
        PromptVersion? from,
        PromptVersion to,
        CancellationToken cancellationToken
    )
    {
        var direct = LabelImpact.Of(label, from, to, await PromptSteps.LoadAsync(db, to.PromptId, cancellationToken));
        var uses = await PartUses.LoadAsync(db, cancellationToken);
        var following = uses.Following(to.PromptId, label).ToDictionary(version => version.Id);
        if (following.Count == 0)
        {
            return direct;
        }

        var added = to.Variables.Except(from?.Variables ?? []).ToList();
        var prompts = following
            .Values.Where(version => version.IsLatest)
            .Select(v => new LabelPrompt(v.PromptId, v.PromptName, v.Version, Missing(v)));
        var followers = new List<LabelFollower>();
        foreach (var promptId in following.Values.Select(version => version.PromptId).Distinct())
        {
            foreach (var step in (await PromptSteps.LoadAsync(db, promptId, cancellationToken)).Where(step => step.IsCurrent))
            {
                if (
                    uses.VersionOf(promptId, step.VersionId, step.Label, step.ExactVersion) is { } id
                    && following.TryGetValue(id, out var version)
                )
                {
                    followers.Add(
                        new LabelFollower(
                            step.WorkflowId,
                            step.WorkflowName,
                            step.IsPublished,
                            step.IsArchived,
                            step.OutputKey,
                            [.. Missing(version).Except(step.Mapped)],
                            [],
                            step.Triggers
                        )
                        {
                            Through = version.PromptName,
                        }
                    );
                }
            }
        }

        return direct with
        {
            Followers =
            [
                .. direct
                    .Followers.Concat(followers)
                    .OrderBy(follower => !follower.IsPublished)
                    .ThenBy(follower => follower.WorkflowName, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(follower => follower.Step, StringComparer.Ordinal),
            ],
            Prompts = [.. prompts],
        };

        IReadOnlyList<string> Missing(VersionParts version) =>
            [
                .. added.Where(name =>
                    version.Definitions.FirstOrDefault(d => d.Name == name) is not { } definition || !definition.IsOptional()
                ),
            ];
    }

    /// <summary>The problem if the prompt would include itself through the label, or null.</summary>
    public static async Task<Problem?> LoopAsync(
        PromptPilotDbContext db,
        string promptId,
        string label,
        string versionId,
        CancellationToken cancellationToken
    )
    {
        var source = PartSaving.SourceOf(db);
        var version = (await source.Find(versionId, cancellationToken))!;
        var moved = new Dictionary<string, string> { [PromptPart.LabelKeyOf(promptId, label)] = versionId };
        return
            version.Parts.Count == 0 || (await new PartTree(source, moved).OfAsync(version, cancellationToken)) is not { IsOk: false } wrong
            ? null
            : Problem.AtField("version", $"The label was not moved. {wrong.Problem!.Message}");
    }
}
