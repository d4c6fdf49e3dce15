using System.Text.Json;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows;

/// <summary>The state of a workflow.</summary>
public enum WorkflowStatus
{
    /// <summary>Never published, or taken back out of the archive.</summary>
    Draft,

    /// <summary>Has a published version that runs. Stays so while a newer draft exists.</summary>
    Published,

    /// <summary>Triggers are paused and runs refused.</summary>
    Archived,
}

/// <summary>A value that a person or program enters to start a run.</summary>
public sealed class WorkflowInput
{
    public required string Name { get; set; }

    public VariableType Type { get; set; }

    public bool Required { get; set; } = true;

    public JsonElement? Default { get; set; }

    public string? Description { get; set; }

    /// <summary>The words to choose from, for <see cref="VariableType.Choice"/>.</summary>
    public List<string> Choices { get; set; } = [];
}

/// <summary>
/// One prompt on one model profile, with its input mapping and output key. A row of the draft; the published form is inside
/// <see cref="WorkflowVersion.Definition"/>.
/// </summary>
public sealed class WorkflowStep
{
    /// <summary>Kept over edits, so that logs and feedback of a step stay together.</summary>
    public string Id { get; set; } = Ids.New();

    public string WorkflowId { get; set; } = "";

    public required string PromptId { get; set; }

    /// <summary>An exact version; with neither version nor label the step follows <c>latest</c>, which publishing pins.</summary>
    public string? PromptVersion { get; set; }

    public string? PromptLabel { get; set; }

    /// <summary>Id of the ModelProfile.</summary>
    public required string Model { get; set; }

    /// <summary>Prompt variable → Liquid expression over the run context.</summary>
    public Dictionary<string, string> InputMapping { get; set; } = [];

    /// <summary>The key under which downstream steps read the output; unique in the workflow.</summary>
    public required string OutputKey { get; set; }

    /// <summary>1..n, unique. A step may read only keys of earlier order, so no cycle exists.</summary>
    public int Order { get; set; }

    public StepOptions Options { get; set; } = new();
}

/// <summary>An ordered set of steps, as edited. Runs use the published <see cref="WorkflowVersion"/>.</summary>
public sealed class Workflow
{
    public string Id { get; set; } = Ids.New();

    public required string Name { get; set; }

    public List<string> Tags { get; set; } = [];

    public List<WorkflowInput> Inputs { get; set; } = [];

    public List<WorkflowStep> Steps { get; set; } = [];

    public List<Trigger> Triggers { get; set; } = [];

    public WorkflowOptions Options { get; set; } = new();

    public WorkflowLimits Limits { get; set; } = new();

    /// <summary>Id of the User who owns it; triggers act in their name.</summary>
    public string? Owner { get; set; }

    public WorkflowStatus Status { get; set; }

    /// <summary>Number of the published version; null while there is none.</summary>
    public int? PublishedVersion { get; private set; }

    /// <summary>Set only with a pass of the gate.</summary>
    public string? PublishedVersionId { get; private set; }

    /// <summary>The A/B tests of the published version are stopped: steps use their own versions. Publishing restarts them.</summary>
    public bool AreArmsStopped { get; set; }

    /// <summary>The draft differs from the published version.</summary>
    public bool HasUnpublishedChanges { get; set; }

    /// <summary>
    /// The test set whose experiments run in it. Queries leave such a workflow out unless they ask for it.
    /// </summary>
    public string? TestSetId { get; set; }

    /// <summary>With <see cref="TestSetId"/>: the workflow that is tested, whose budgets its runs are part of; null: a prompt is.</summary>
    public string? BudgetOf { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>Id of the User who changed it last; null: the portal itself, or a deleted user.</summary>
    public string? UpdatedBy { get; set; }

    public int Revision { get; set; } = 1;

    /// <summary>Publishes the version of the pass.</summary>
    /// <exception cref="InvalidOperationException">The pass is for another workflow, definition or previous version.</exception>
    internal void Publish(GatePass pass, WorkflowVersion version)
    {
        if (pass.Move != GateMove.OfPublishing(Id, PublishedVersionId, version.Definition))
        {
            throw new InvalidOperationException($"The pass is not for publishing this version of the workflow “{Name}”.");
        }

        (PublishedVersion, PublishedVersionId) = (version.Number, version.Id);
    }
}

/// <summary>The immutable snapshot that publishing makes.</summary>
public sealed class WorkflowVersion
{
    public string Id { get; set; } = Ids.New();

    public required string WorkflowId { get; set; }

    /// <summary>1, 2, 3 … within the workflow.</summary>
    public int Number { get; set; }

    public required WorkflowDefinition Definition { get; set; }

    /// <summary>The publisher's note, in one line.</summary>
    public string? Message { get; set; }

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }
}
