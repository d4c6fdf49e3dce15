using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Insights;

/// <summary>What a point of a chart is about. Hours and days are UTC.</summary>
public enum InsightsUnit
{
    Hour,
    Day,
}

/// <summary>
/// What the rows of the table are about. By workflow, trigger and person, the figures are of ended runs; by prompt version and model, of
/// model calls.
/// </summary>
public enum InsightsGroup
{
    Workflow,
    Trigger,
    Person,
    PromptVersion,
    Model,
}

/// <summary>One of the tables, as a file.</summary>
public enum InsightsTable
{
    /// <summary>A row for each workflow, trigger, person, prompt version or model.</summary>
    Groups,

    /// <summary>A row for each hour or day.</summary>
    Series,
}

/// <summary>A time range and what is counted in it; null means any.</summary>
/// <param name="From">UTC, rounded down to a whole unit. Null: 30 days before <paramref name="To"/>.</param>
/// <param name="To">UTC, rounded up to a whole unit. Null: now.</param>
/// <param name="Unit">Null: hours for up to two days, else days.</param>
/// <param name="Compare">Also sum up the range of the same length before this one.</param>
/// <param name="Trigger">Of runs only, like <paramref name="PersonId"/>.</param>
/// <param name="PersonId">Id of the user who started the runs.</param>
/// <param name="PromptId">Of calls only, like <paramref name="ModelProfileId"/>.</param>
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

/// <summary>Figures of ended runs, or of model calls.</summary>
/// <param name="Count">Runs or calls.</param>
/// <param name="Cancelled">Of runs; a cancelled call is a failed one.</param>
/// <param name="SuccessRate">0 to 1, of those that were not cancelled; null without any.</param>
/// <param name="LatencyP50Ms">Of those that succeeded, at most 9 % off; null without any.</param>
/// <param name="InputTokens">Null when the actor may not see it, like <paramref name="Cost"/>.</param>
/// <param name="Cost">In USD.</param>
/// <param name="Ratings">Number of ratings of outputs; null where ratings are not counted: by person and by trigger.</param>
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

/// <summary>The figures of one hour or day.</summary>
public sealed record InsightsPoint(DateTime Start, InsightsFigures Figures);

/// <summary>The figures of one workflow, trigger, person, prompt version or model.</summary>
/// <param name="Id">Of the workflow, user, prompt version or profile; the name of the trigger kind. Empty for runs that no person
/// started.</param>
/// <param name="Name">What it is called now, or that it was deleted.</param>
/// <param name="PromptId">The prompt of a prompt version that exists.</param>
/// <param name="IsDeleted">It no longer exists.</param>
/// <param name="Counts">Runs or calls for each point of the range.</param>
public sealed record InsightsRow(
    string Id,
    string Name,
    string? PromptId,
    bool IsDeleted,
    InsightsFigures Figures,
    IReadOnlyList<long> Counts
);

/// <summary>What the calls of a model profile cost.</summary>
/// <param name="Cost">In USD.</param>
public sealed record ModelCost(string ModelProfileId, string Name, long Calls, decimal Cost);

/// <summary>How a prompt version is rated.</summary>
/// <param name="Mean">1 to 5.</param>
/// <param name="Low">Of the 95 % interval of the mean, 1 to 5.</param>
/// <param name="High">Of the 95 % interval of the mean, 1 to 5.</param>
/// <param name="IsFew">Too few ratings to compare.</param>
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

/// <summary>Everything about a time range.</summary>
/// <param name="From">UTC, included.</param>
/// <param name="To">UTC, not included.</param>
/// <param name="Previous">Of the range before it, if asked for.</param>
/// <param name="Points">One for each hour or day, also without runs or calls.</param>
/// <param name="Rows">Those with most runs or calls first.</param>
/// <param name="CostByModel">Of all calls, those of experiments, test runs and the playground too. Empty with a filter by person or
/// trigger, which calls do not have.</param>
/// <param name="RatingByVersion">Those with most ratings first. Empty with a filter by person or trigger.</param>
/// <param name="Counted">How much of the history has been counted, 0 to 1: below 1 for a while after an upgrade and a rebuild.</param>
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

/// <summary>A table as a file.</summary>
public sealed record InsightsFile(string Name, byte[] Content);
