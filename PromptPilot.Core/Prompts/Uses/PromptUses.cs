using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Prompts.Uses;

/// <summary>A workflow that uses a prompt.</summary>
/// <param name="InDraft">A step of its draft does.</param>
/// <param name="InPublished">A published version, present or past, does.</param>
/// <param name="Labels">The labels by which steps name the prompt.</param>
public sealed record PromptUse(string WorkflowId, string WorkflowName, bool InDraft, bool InPublished, IReadOnlyList<string> Labels)
{
    /// <summary>The version that is published now does; it is what triggers start.</summary>
    public bool IsLive { get; init; }

    /// <summary>The workflow is archived: nothing starts it.</summary>
    public bool IsArchived { get; init; }

    /// <summary>The semantic versions that steps of the draft or of the published version are pinned to.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Output keys of the steps, of draft and published version together.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Enabled triggers of the workflow.</summary>
    public IReadOnlyList<TriggerType> Triggers { get; init; } = [];
}

/// <summary>Uses of a prompt, one entry per workflow.</summary>
internal static class PromptUses
{
    public static async Task<List<PromptUse>> FindAsync(PromptPilotDbContext db, string promptId, CancellationToken cancellationToken)
    {
        var steps = await PromptSteps.LoadAsync(db, promptId, cancellationToken);
        var versionIds = steps.Select(s => s.VersionId).OfType<string>().Distinct().ToList();
        var names = await db
            .PromptVersions.Where(v => versionIds.Contains(v.Id))
            .ToDictionaryAsync(v => v.Id, v => v.Version, cancellationToken);
        return
        [
            .. steps
                .GroupBy(s => (s.WorkflowId, s.WorkflowName))
                .OrderBy(w => w.Key.WorkflowName, StringComparer.OrdinalIgnoreCase)
                .Select(w => new PromptUse(
                    w.Key.WorkflowId,
                    w.Key.WorkflowName,
                    w.Any(s => !s.IsPublished),
                    w.Any(s => s.IsPublished),
                    [.. w.Select(s => s.Label).OfType<string>().Distinct().Order(StringComparer.Ordinal)]
                )
                {
                    IsLive = w.Any(s => s is { IsPublished: true, IsCurrent: true, IsArchived: false }),
                    IsArchived = w.First().IsArchived,
                    Versions =
                    [
                        .. w.Where(s => s.IsCurrent)
                            .Select(s => s.ExactVersion ?? (s.VersionId is { } id ? names.GetValueOrDefault(id) : null))
                            .OfType<string>()
                            .Distinct(),
                    ],
                    Steps = [.. w.Where(s => s.IsCurrent).Select(s => s.OutputKey).Distinct()],
                    Triggers = w.First().Triggers,
                }),
        ];
    }
}
