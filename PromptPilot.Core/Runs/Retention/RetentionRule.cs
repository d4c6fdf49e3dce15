using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Retention;

/// <summary>
/// How long ended runs of a workflow are kept. Rated, pinned and reused ones are always kept.
/// </summary>
/// <param name="Days">Days to keep them after their end; null: forever.</param>
/// <param name="Runs">Number of newest runs to keep, not counting rated and pinned ones; null: all.</param>
public sealed record RetentionRule(int? Days, int? Runs)
{
    /// <summary>The workflow's rule, otherwise the host's setting, where 0 means no limit.</summary>
    internal static RetentionRule Of(WorkflowLimits limits, RunsOptions options) =>
        new(
            limits.KeepDays ?? (options.KeepDays == 0 ? null : options.KeepDays),
            limits.KeepRuns ?? (options.KeepRuns == 0 ? null : options.KeepRuns)
        );
}
