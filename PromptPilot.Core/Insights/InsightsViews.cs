using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Insights;

/// <summary>The time span of a point in a chart, in UTC.</summary>
public enum InsightsUnit
{
    Hour,
    Day,

    /// <summary>Monday to Sunday. The first and the last week of a range can be incomplete.</summary>
    Week,
}

/// <summary>
/// The grouping of the table. By workflow, trigger and person, it counts ended runs; by prompt version and model, model calls.
/// </summary>
public enum InsightsGroup
{
    Workflow,
    Trigger,
    Person,
    PromptVersion,
    Model,
}

/// <summary>The table to export.</summary>
public enum InsightsTable
{
    /// <summary>One row per workflow, trigger, person, prompt version or model.</summary>
    Groups,

    /// <summary>One row per hour, day or week.</summary>
    Series,
}

/// <summary>A time range with filters; null means any.</summary>
/// <param name="From">UTC, rounded down to a whole hour or day. Null: 30 days before <paramref name="To"/>.</param>
/// <param name="To">UTC, rounded up to a whole hour or day. Null: now.</param>
/// <param name="Unit">Null: hours for ranges of up to 2 days, days for up to 92 days, otherwise weeks.</param>
/// <param name="Compare">Also sum up the previous range of the same length.</param>
/// <param name="Trigger">Filters runs only, like <paramref name="PersonId"/>.</param>
/// <param name="PersonId">Id of the user who started the runs.</param>
/// <param name="PromptId">Filters calls only, like <paramref name="ModelProfileId"/>.</param>
public sealed record InsightsFilter(
    DateTime? From = null,
    DateTime? To = null,
    InsightsUnit? Unit = null,
    InsightsGroup GroupBy = InsightsGroup.Workflow,
    bool Compare = false,
    string? WorkflowId = null,
    TriggerType? Trigger = null,
    string? PersonId = null,
    string? PromptId = null,
    string? ModelProfileId = null
);

/// <summary>Metrics of ended runs or of model calls.</summary>
/// <param name="Count">Runs or calls.</param>
/// <param name="Cancelled">Cancelled runs. A cancelled call counts as failed.</param>
/// <param name="SuccessRate">0 to 1, without cancelled ones; null without any.</param>
/// <param name="LatencyP50Ms">Of successful ones, at most 9% off; null without any.</param>
/// <param name="InputTokens">Null if the actor may not see it, like <paramref name="Cost"/>.</param>
/// <param name="Cost">USD.</param>
/// <param name="Ratings">Number of ratings; null by person and by trigger, where ratings are not counted.</param>
/// <param name="AverageRating">1 to 5; null without ratings.</param>
public sealed record InsightsFigures(
    long Count,
    long Succeeded,
    long Failed,
    long Cancelled,
    long TimedOut,
    double? SuccessRate,
    long? LatencyP50Ms,
    long? LatencyP95Ms,
    long? InputTokens,
    long? OutputTokens,
    decimal? Cost,
    long? Ratings,
    double? AverageRating
);

/// <summary>The metrics of one hour, day or week.</summary>
public sealed record InsightsPoint(DateTime Start, InsightsFigures Figures);

/// <summary>The metrics of one workflow, trigger, person, prompt version or model.</summary>
/// <param name="Id">Id of the workflow, user, prompt version or profile, or the name of the trigger kind. Empty for runs that no person
/// started.</param>
/// <param name="Name">Its current name, or that it was deleted.</param>
/// <param name="PromptId">The prompt, for a prompt version that still exists.</param>
/// <param name="IsDeleted">True if it no longer exists.</param>
/// <param name="Counts">Runs or calls at each point of the range.</param>
public sealed record InsightsRow(
    string Id,
    string Name,
    string? PromptId,
    bool IsDeleted,
    InsightsFigures Figures,
    IReadOnlyList<long> Counts
);

/// <summary>The cost of a model profile's calls.</summary>
/// <param name="Cost">USD.</param>
public sealed record ModelCost(string ModelProfileId, string Name, long Calls, decimal Cost);

/// <summary>The ratings of a prompt version.</summary>
/// <param name="Mean">1 to 5.</param>
/// <param name="Low">Bound of the 95% interval of the mean, 1 to 5.</param>
/// <param name="High">Bound of the 95% interval of the mean, 1 to 5.</param>
/// <param name="IsFew">True if it has too few ratings to compare.</param>
public sealed record VersionRating(
    string PromptVersionId,
    string? PromptId,
    string Name,
    long Ratings,
    double Mean,
    double Low,
    double High,
    bool IsFew
);

/// <summary>The report on a time range.</summary>
/// <param name="From">UTC, inclusive.</param>
/// <param name="To">UTC, exclusive.</param>
/// <param name="Previous">Totals of the previous range, if requested.</param>
/// <param name="Points">One per hour, day or week, including those without runs or calls.</param>
/// <param name="Rows">Most runs or calls first.</param>
/// <param name="CostByModel">Covers all calls, including experiments, test runs and the playground. Empty with a filter by person or
/// trigger, which calls do not record.</param>
/// <param name="RatingByVersion">Most ratings first. Empty with a filter by person or trigger.</param>
/// <param name="Counted">The share of the history counted so far, 0 to 1. Below 1 for a while after an upgrade or a rebuild.</param>
public sealed record InsightsReport(
    DateTime From,
    DateTime To,
    InsightsUnit Unit,
    InsightsGroup GroupBy,
    InsightsFigures Totals,
    InsightsFigures? Previous,
    IReadOnlyList<InsightsPoint> Points,
    IReadOnlyList<InsightsRow> Rows,
    IReadOnlyList<ModelCost> CostByModel,
    IReadOnlyList<VersionRating> RatingByVersion,
    double Counted
);

/// <summary>An exported table.</summary>
public sealed record InsightsFile(string Name, byte[] Content);
