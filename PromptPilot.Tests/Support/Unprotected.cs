using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Support;

/// <summary>Rows that only the gate lets be made, for tests that write rows themselves. Nothing protects them.</summary>
internal static class Unprotected
{
    public static async Task<PromptLabel> LabelAsync(PromptPilotDbContext db, string promptId, string label, string versionId)
    {
        var move = GateMove.OfLabel(promptId, label, null, versionId);
        return new PromptLabel((await GatePass.AskAsync(db, move, null, CancellationToken.None)).Value, by: null, DateTime.UtcNow);
    }

    public static async Task PublishAsync(PromptPilotDbContext db, Workflow workflow, WorkflowVersion version)
    {
        var move = GateMove.OfPublishing(workflow.Id, workflow.PublishedVersionId, version.Definition);
        workflow.Publish((await GatePass.AskAsync(db, move, null, CancellationToken.None)).Value, version);
        workflow.Status = WorkflowStatus.Published;
    }
}
