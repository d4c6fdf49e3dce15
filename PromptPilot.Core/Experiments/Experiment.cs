using System.Text.Json.Serialization;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>The state of an experiment.</summary>
public enum ExperimentStatus
{
    Running,
    Finished,

    /// <summary>Stopped by a person; what had ended stays.</summary>
    Cancelled,
}

/// <summary>One way to answer the cases.</summary>
/// <param name="PromptVersionId">Null: it is a workflow, whose steps name their prompts and profiles.</param>
/// <param name="PromptVersion">Semantic version, for people; of a draft <c>draft</c>.</param>
/// <param name="ProfileName">Its name when the experiment was started.</param>
/// <param name="Parameters">Sent instead of the profile's, as far as set; null: the profile's.</param>
/// <param name="DraftAt">When the unsaved draft was frozen; null: a saved version.</param>
public sealed record Variant(
    string? PromptVersionId,
    string? PromptVersion,
    string? ModelProfileId,
    string? ProfileName,
    ParameterChanges? Parameters = null,
    DateTime? DraftAt = null
)
{
    /// <summary>Null: it is a prompt version on a model profile.</summary>
    public WorkflowVariant? Workflow { get; init; }

    /// <summary>Its version, for people.</summary>
    [JsonIgnore]
    public string Title => Workflow?.Title ?? PromptVersion ?? "";

    /// <summary>Ids of the model profiles that it calls.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Profiles => Workflow?.ModelProfileIds ?? (ModelProfileId is { } id ? [id] : []);
}

/// <summary>A workflow as a variant: a published version, or the draft as it was at the start.</summary>
/// <param name="VersionId">Null: the draft.</param>
/// <param name="Version">1, 2, 3 …; null: the draft.</param>
/// <param name="Hash">Of the definition as it is, or would be, published.</param>
/// <param name="OutputKey">The output that is compared and checked; null for a batch, which keeps them all.</param>
/// <param name="ModelProfileIds">Of its steps.</param>
public sealed record WorkflowVariant(string? VersionId, int? Version, string Hash, string? OutputKey, IReadOnlyList<string> ModelProfileIds)
{
    [JsonIgnore]
    public string Title => Version is { } number ? $"Version {number}" : "Draft";
}

/// <summary>A prompt version that judges outputs.</summary>
/// <param name="Check">The name of its check.</param>
public sealed record Judge(string Check, string PromptVersionId, string PromptVersion, string ModelProfileId, string ProfileName);

/// <summary>Variants of a prompt or workflow run over the cases of a test set, each case once or several times.</summary>
public sealed class Experiment
{
    public string Id { get; set; } = Ids.New();

    public required string Name { get; set; }

    public required string TestSetId { get; set; }

    /// <summary>Id of the TestSetVersion it uses.</summary>
    public required string TestSetVersionId { get; set; }

    /// <summary>The first is the baseline that the others are compared with.</summary>
    public List<Variant> Variants { get; set; } = [];

    /// <summary>
    /// Of a workflow, by variant: the definition that runs, with the prompt versions that its labels were on at the start. Null: the
    /// variants are prompt versions.
    /// </summary>
    public List<WorkflowDefinition>? Definitions { get; set; }

    /// <summary>The judges of its checks, as they were when it started.</summary>
    public List<Judge> Judges { get; set; } = [];

    /// <summary>The number of repetitions of each case per variant.</summary>
    public int Repetitions { get; set; } = 1;

    public ExperimentStatus Status { get; set; }

    /// <summary>The most that the calls could cost, each made once, as computed at the start; in nano-USD.</summary>
    public long CostBound { get; set; }

    public string? StartedBy { get; set; }

    /// <summary>The sender of <see cref="IdempotencyKey"/>; the pair is unique.</summary>
    public string? IdempotencyActor { get; set; }

    public string? IdempotencyKey { get; set; }

    /// <summary>A hash of the request that started it, with or without a key.</summary>
    public string? IdempotencyHash { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime? FinishedAt { get; set; }

    public int Revision { get; set; } = 1;
}

/// <summary>The state of one call of an experiment.</summary>
public enum CellStatus
{
    Waiting,
    Running,

    /// <summary>All checks that apply passed.</summary>
    Passed,

    /// <summary>A check did not pass.</summary>
    Failed,

    /// <summary>There is an output, and no check applies to it.</summary>
    Unchecked,

    /// <summary>There is no output. Not passed.</summary>
    Error,
}

/// <summary>One variant's output for one case, with the verdicts of the checks.</summary>
public sealed class ExperimentCell
{
    public string Id { get; set; } = Ids.New();

    public required string ExperimentId { get; set; }

    /// <summary>Index in <see cref="Experiment.Variants"/>.</summary>
    public int Variant { get; set; }

    public required string CaseId { get; set; }

    /// <summary>1, 2, 3 …</summary>
    public int Repetition { get; set; }

    /// <summary>The order in which cells are started: all variants of a case before the next case.</summary>
    public int Order { get; set; }

    public CellStatus Status { get; set; }

    /// <summary>The number of starts. Part of the run's key, so that an interrupted start finds its run.</summary>
    public int Attempt { get; set; } = 1;

    public string? RunId { get; set; }

    /// <summary>
    /// Id of the ExecutionLog that has the output; of a workflow, the last call of the step that has it. Null: a step has a default
    /// output, or none.
    /// </summary>
    public string? LogId { get; set; }

    public List<CheckVerdict> Verdicts { get; set; } = [];

    /// <summary>Why there is no output.</summary>
    public string? Message { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>Cost of all attempts, in nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary>Cost of the judges' calls, in nano-USD.</summary>
    public long JudgeCost { get; set; }

    /// <summary>Duration of the successful attempt; of a workflow, of the run.</summary>
    public long DurationMs { get; set; }

    /// <summary>
    /// A hash of all that decides what the model answers and what the checks say. Null when something changed while it ran, so that its
    /// result is not used again.
    /// </summary>
    public string? Fingerprint { get; set; }

    /// <summary>Id of the experiment that made the call; null: this one. A reused call costs nothing here.</summary>
    public string? ReusedFrom { get; set; }

    internal bool IsOpen => Status is CellStatus.Waiting or CellStatus.Running;
}
