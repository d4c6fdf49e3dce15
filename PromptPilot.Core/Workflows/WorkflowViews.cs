using PromptPilot.Core.Runs;

namespace PromptPilot.Core.Workflows;

/// <summary>The filter of workflows; null means all.</summary>
/// <param name="Search">Part of a name or tag.</param>
/// <param name="Owner">Id of the owner.</param>
public sealed record WorkflowFilter(string? Search = null, WorkflowStatus? Status = null, string? Tag = null, string? Owner = null);

/// <summary>Someone who owns a workflow.</summary>
public sealed record WorkflowOwner(string Id, string Name);

/// <summary>Filter values for workflows: everything in use.</summary>
public sealed record WorkflowFacets(IReadOnlyList<string> Tags, IReadOnlyList<WorkflowOwner> Owners);

/// <summary>A row of the list.</summary>
/// <param name="CanRun">Published, and its manual trigger is enabled.</param>
public sealed record WorkflowListItem(
    string Id,
    string Name,
    IReadOnlyList<string> Tags,
    WorkflowStatus Status,
    int? PublishedVersion,
    bool HasUnpublishedChanges,
    string? Owner,
    string? OwnerName,
    int StepCount,
    LastRun? LastRun,
    bool CanRun,
    DateTime UpdatedAt
)
{
    /// <summary>The number of newest runs that the success rate is computed from.</summary>
    public const int RateOf = 100;

    /// <summary>The description of the draft.</summary>
    public string? Description { get; init; }

    /// <summary>The number of its newest <see cref="RateOf"/> runs that have ended, without cancelled ones.</summary>
    public int Ended { get; init; }

    /// <summary>The number of these that succeeded.</summary>
    public int Succeeded { get; init; }
}

/// <summary>The newest run of a workflow.</summary>
public sealed record LastRun(string Id, RunStatus Status, DateTime QueuedAt);

/// <summary>A workflow with its draft and its published version.</summary>
public sealed record WorkflowView(
    string Id,
    string Name,
    IReadOnlyList<string> Tags,
    IReadOnlyList<WorkflowInput> Inputs,
    IReadOnlyList<StepView> Steps,
    IReadOnlyList<Trigger> Triggers,
    string? Owner,
    string? OwnerName,
    WorkflowStatus Status,
    PublishedView? Published,
    bool HasUnpublishedChanges,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision
)
{
    public WorkflowOptions Options { get; init; } = new();

    public WorkflowLimits Limits { get; init; } = new();

    /// <summary>Id of who changed it last; null: no longer known.</summary>
    public string? UpdatedBy { get; init; }

    public string? UpdatedByName { get; init; }

    /// <summary>Each workflow has exactly one manual trigger.</summary>
    public Trigger ManualTrigger => Triggers.Single(trigger => trigger.Type == TriggerType.Manual);

    public bool CanRun => Status == WorkflowStatus.Published && ManualTrigger.Enabled;

    /// <summary>The draft as content that could be saved again.</summary>
    public WorkflowContent Content() =>
        new(
            Name,
            Tags,
            Inputs,
            [
                .. Steps.Select(s => new StepContent(
                    s.Id,
                    s.PromptId,
                    s.PromptVersion,
                    s.PromptLabel,
                    s.Model,
                    s.InputMapping,
                    s.OutputKey,
                    s.Order
                )
                {
                    Options = s.Options,
                }),
            ]
        )
        {
            Options = Options,
            Limits = Limits,
        };
}

/// <summary>A step of the draft with the names of what it refers to, and its place in the data flow.</summary>
/// <param name="Reads">Output keys of earlier steps.</param>
/// <param name="Level">From 1; steps of one level can run at the same time.</param>
public sealed record StepView(
    string Id,
    string PromptId,
    string PromptName,
    string? PromptVersion,
    string? PromptLabel,
    string Model,
    string ModelName,
    IReadOnlyDictionary<string, string> InputMapping,
    string OutputKey,
    int Order,
    IReadOnlyList<string> Reads,
    int Level
)
{
    public StepOptions Options { get; init; } = new();
}

/// <summary>The version that runs.</summary>
public sealed record PublishedView(int Number, string VersionId, WorkflowDefinition Definition, DateTime PublishedAt);

/// <summary>The errors in a draft, and its data flow.</summary>
/// <param name="Graph">One node a step, in the order they run.</param>
public sealed record WorkflowCheck(IReadOnlyList<WorkflowProblem> Problems, IReadOnlyList<StepNode> Graph)
{
    public bool CanSave => !Problems.Any(problem => problem.BlocksSaving);
}
