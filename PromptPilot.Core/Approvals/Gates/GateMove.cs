using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>
/// One exact change that can be protected: moving a label between two versions, or publishing a definition.
/// </summary>
/// <param name="From">Id of the current version; null: none.</param>
/// <param name="To">Id of the prompt version, or the hash of the definition.</param>
internal sealed record GateMove(string? PromptId, string? Label, string? WorkflowId, string? From, string To)
{
    public static GateMove OfLabel(string promptId, string label, string? from, string to) => new(promptId, label, null, from, to);

    public static GateMove OfPublishing(string workflowId, string? from, WorkflowDefinition definition) =>
        new(null, null, workflowId, from, DefinitionHash.Of(definition));
}
