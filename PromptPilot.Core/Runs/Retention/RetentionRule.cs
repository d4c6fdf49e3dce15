using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Retention;

/// <summary>
/// How long the ended runs of a workflow stay. Rated and pinned ones, and those whose results another run reuses, stay whatever it says.
/// </summary>
/// <param name="Days">How long, from their end; null: for ever.</param>
/// <param name="Runs">How many: the newest of those that are neither rated nor pinned; null: all.</param>
public sealed record RetentionRule(int? Days, int? Runs)
{
    /// <summary>What the workflow says, else what the host is set to, where 0 means no limit.</summary>
    internal static RetentionRule Of(WorkflowLimits limits, RunsOptions options) =>
        new(
            limits.KeepDays ?? (options.KeepDays == 0 ? null : options.KeepDays),
            limits.KeepRuns ?? (options.KeepRuns == 0 ? null : options.KeepRuns)
        );
}
