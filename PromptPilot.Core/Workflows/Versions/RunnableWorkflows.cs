using System.Linq.Expressions;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>Workflows that a program can run.</summary>
internal static class RunnableWorkflows
{
    /// <summary>Published, and the manual trigger is enabled.</summary>
    public static readonly Expression<Func<Workflow, bool>> Rule = workflow =>
        workflow.Status == WorkflowStatus.Published
        && workflow.PublishedVersionId != null
        && workflow.Triggers.Any(trigger => trigger.Type == TriggerType.Manual && trigger.Enabled);
}
