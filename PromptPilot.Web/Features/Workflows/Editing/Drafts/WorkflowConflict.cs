using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>Someone else saved a workflow while it was edited here.</summary>
/// <param name="Theirs">The saved workflow; null: it was deleted.</param>
/// <param name="TheirChanges">Their changes since it was opened here, which overwriting would undo.</param>
/// <param name="MyChanges">The changes made here since then.</param>
public sealed record WorkflowConflict(
    WorkflowView? Theirs,
    IReadOnlyList<WorkflowDifference> TheirChanges,
    IReadOnlyList<WorkflowDifference> MyChanges
);
