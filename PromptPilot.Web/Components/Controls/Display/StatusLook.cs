using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Components.Controls.Display;

/// <summary>How a status is shown: always as a sign and a word, since color alone is not enough.</summary>
/// <param name="Tone">A class of app.css: <c>run, ok, warn, bad</c> or none.</param>
internal sealed record StatusLook(string Sign, string Word, string Tone)
{
    public static StatusLook Of(RunStatus status) =>
        status switch
        {
            RunStatus.Queued => new("◌", "Queued", ""),
            RunStatus.Running => new("●", "Running", "run"),
            RunStatus.Waiting => new("‖", "Waiting", "warn"),
            RunStatus.Succeeded => new("✓", "Succeeded", "ok"),
            RunStatus.Failed => new("✕", "Failed", "bad"),
            RunStatus.Cancelled => new("■", "Cancelled", ""),
            RunStatus.TimedOut => new("✕", "Timed out", "bad"),
        };

    public static StatusLook Of(StepStatus status) =>
        status switch
        {
            StepStatus.Pending => new("◌", "Pending", ""),
            StepStatus.Running => new("●", "Running", "run"),
            StepStatus.Waiting => new("◔", "Waiting for review", "warn"),
            StepStatus.Succeeded => new("✓", "Succeeded", "ok"),
            StepStatus.Failed => new("✕", "Failed", "bad"),
            StepStatus.Skipped => new("→", "Skipped", ""),
            StepStatus.Cancelled => new("■", "Cancelled", ""),
        };

    public static StatusLook Of(WorkflowStatus status) =>
        status switch
        {
            WorkflowStatus.Draft => new("✎", "Draft", "warn"),
            WorkflowStatus.Published => new("✓", "Published", "ok"),
            WorkflowStatus.Archived => new("■", "Archived", ""),
        };
}
