using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>Someone else saved a workflow while it was edited here.</summary>
/// <param name="Theirs">As it is saved now; null: it was deleted.</param>
/// <param name="TheirChanges">What they changed since it was opened here: what saving over it would undo.</param>
/// <param name="MyChanges">What was changed here since then.</param>
public sealed record WorkflowConflict(
    WorkflowView? Theirs,
    IReadOnlyList<WorkflowDifference> TheirChanges,
    IReadOnlyList<WorkflowDifference> MyChanges
);
