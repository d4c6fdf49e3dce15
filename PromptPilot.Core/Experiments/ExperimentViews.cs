using PromptPilot.Core.Experiments.Statistics;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Experiments;

/// <summary>A variant, as asked for.</summary>
/// <param name="Version">
/// A semantic version or a label of the prompt; null: its newest version. Of a workflow: a number, or <c>draft</c>; null: the published
/// one.
/// </param>
/// <param name="ModelProfileId">Empty for a workflow.</param>
/// <param name="Draft">The prompt as it is not saved yet, instead of a version. It is frozen when the experiment starts.</param>
public sealed record VariantRequest(string? Version, string ModelProfileId, ParameterChanges? Parameters = null, PromptDraft? Draft = null);

/// <summary>An experiment, as asked for.</summary>
/// <param name="Name">Empty: made from the variants.</param>
/// <param name="Variants">2 or more to compare; the first is the baseline. One is allowed.</param>
/// <param name="Reuse">Take results of earlier experiments where nothing changed since: neither version, model, parameters, inputs nor
/// checks.</param>
/// <param name="IdempotencyKey">A repetition under the same key, by the same actor, answers with the first experiment.</param>
public sealed record ExperimentRequest(
    string TestSetId,
    string Name,
    IReadOnlyList<VariantRequest> Variants,
    int Repetitions = 1,
    bool Reuse = false,
    string? IdempotencyKey = null
);

/// <summary>What an experiment would do.</summary>
/// <param name="Calls">
/// Of models, without retries of failed ones. A step of a workflow that runs for each item of a list that another step makes is one call
/// here.
/// </param>
/// <param name="CostBound">The most they could cost, in USD; 0 where profiles have no prices.</param>
/// <param name="Unrendered">Cases that a variant cannot render, and why; they would be errors.</param>
/// <param name="Reused">Results of earlier experiments that would be taken instead of calls; they are not in the other figures.</param>
/// <param name="Budget">What is left of the budget that ends first; null: none applies.</param>
/// <param name="Seconds">How long it will take, by the newest calls of its profiles; null when one has made no call yet.</param>
public sealed record ExperimentPreview(
    int Calls,
    decimal CostBound,
    IReadOnlyList<string> Unrendered,
    int Reused = 0,
    BudgetBalance? Budget = null,
    double? Seconds = null
);

/// <summary>An experiment in a list.</summary>
public sealed record ExperimentListItem(
    string Id,
    string Name,
    string TestSetId,
    string TestSetName,
    ExperimentStatus Status,
    int Variants,
    int Done,
    int Calls,
    string? StartedBy,
    DateTime CreatedAt
)
{
    /// <summary>It is a batch: one variant over the rows of a file, without checks.</summary>
    public bool IsBatch { get; init; }
}

/// <summary>An experiment with its results.</summary>
/// <param name="Done">Calls that ended.</param>
/// <param name="PromptId">Null: it tests a workflow.</param>
/// <param name="Reused">Calls made by earlier experiments; included in Calls and Done, not in the cost.</param>
/// <param name="Cost">Cost so far, in USD.</param>
/// <param name="CostBound">The maximum cost, computed at the start, in USD.</param>
public sealed record ExperimentView(
    string Id,
    string Name,
    string? PromptId,
    string? PromptName,
    string TestSetId,
    string TestSetName,
    int TestSetVersion,
    ExperimentStatus Status,
    int Repetitions,
    int Done,
    int Calls,
    int Reused,
    decimal Cost,
    decimal CostBound,
    string? StartedBy,
    DateTime CreatedAt,
    DateTime? FinishedAt,
    IReadOnlyList<VariantResult> Variants,
    IReadOnlyList<CaseResult> Cases,
    IReadOnlyList<JudgeAgreement> Judges
)
{
    /// <summary>The workflow that it tests; null: it tests a prompt.</summary>
    public string? WorkflowId { get; init; }

    public string? WorkflowName { get; init; }

    /// <summary>It is a batch: one variant over the rows of a file, without checks. Its cases are listed as rows.</summary>
    public bool IsBatch { get; init; }
}

/// <summary>A judge's agreement with people's ratings of the same outputs: 4 and 5 are pass, 1 and 2 fail, 3 is left out.</summary>
/// <param name="Agreement">The judge is the first, people are the second.</param>
public sealed record JudgeAgreement(Judge Judge, Agreement Agreement);

/// <summary>The results of a variant over all ended cases.</summary>
/// <param name="PassRate">Over outputs that checks apply to, and errors. Absent without any.</param>
/// <param name="MeanCost">Mean cost of a call in USD; absent before the first.</param>
/// <param name="MedianMs">Median duration of a call with an output; absent before the first.</param>
/// <param name="Comparison">With the baseline; absent for the baseline itself.</param>
public sealed record VariantResult(
    Variant Variant,
    PassRate? PassRate,
    int Done,
    int Errors,
    decimal? MeanCost,
    double? MedianMs,
    Comparison? Comparison
);

/// <summary>Whether a case came out better than with the baseline.</summary>
public enum Change
{
    Same,
    Better,
    Worse,

    /// <summary>One of the two has not ended, or no check applies.</summary>
    Unknown,
}

/// <summary>A case in all variants.</summary>
/// <param name="Changes">By variant, against the baseline.</param>
public sealed record CaseResult(
    string CaseId,
    int Number,
    string Name,
    IReadOnlyList<IReadOnlyList<CellResult>> Cells,
    IReadOnlyList<Change> Changes
);

/// <summary>One call.</summary>
/// <param name="Cost">Cost in USD; for a reused call, its cost when it was made.</param>
/// <param name="ReusedFrom">Id of the earlier experiment that made the call; absent: this one.</param>
/// <param name="Disagrees">People rated the output otherwise: 1 or 2 although it passed or a judge passed it, 4 or 5 although it or a judge
/// failed it.</param>
public sealed record CellResult(
    string Id,
    int Repetition,
    CellStatus Status,
    string? RunId,
    string? LogId,
    string? Message,
    IReadOnlyList<CheckVerdict> Verdicts,
    long OutputTokens,
    decimal Cost,
    long DurationMs,
    string? ReusedFrom,
    bool Disagrees = false
);

/// <summary>The outputs of a case, to be compared.</summary>
/// <param name="Output">Null when there is none, or it was deleted.</param>
public sealed record CaseOutput(string CellId, int Variant, int Repetition, string? Output);

/// <summary>Results as a file.</summary>
public sealed record ExperimentFile(string Name, byte[] Content);
