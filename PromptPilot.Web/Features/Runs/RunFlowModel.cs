using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Features.Workflows;
using LastRunValues = PromptPilot.Core.Workflows.Editing.LastRunValues;

namespace PromptPilot.Web.Features.Runs;

/// <summary>The run as shown in the flow drawing.</summary>
internal static class RunFlowModel
{
    /// <summary>
    /// The steps do not change while a run continues; what flowed into them is known of its inputs at once, and of its outputs when it has
    /// ended.
    /// </summary>
    public static IReadOnlyList<FlowStep> StepsOf(RunState run)
    {
        var values = LastRunValues.OfRun(run.Id, run.QueuedAt, run.Inputs, run.Outputs);
        return [.. Steps(run).Select(step => step.WithSamples(values))];
    }

    private static IEnumerable<FlowStep> Steps(RunState run) =>
        [
            .. run
                .Steps.OrderBy(step => step.Order)
                .Select(step => new FlowStep(
                    step.OutputKey,
                    $"{step.PromptName} {step.PromptVersion} · {step.ProfileName}",
                    FlowStep.ReadingsOf(step.InputMapping, step.Options.When, step.Options.ForEach)
                )
                {
                    Key = step.StepId,
                    Marks = OptionMarks.OfFlow(step.Options),
                }),
        ];

    /// <param name="now">UTC.</param>
    public static IReadOnlyDictionary<string, FlowState> StatesOf(RunState run, DateTime now) =>
        run.Steps.ToDictionary(step => step.StepId, step => StateOf(run, step, now));

    private static FlowState StateOf(RunState run, StepState step, DateTime now)
    {
        var isLive = !run.IsFinished && step.Status == StepStatus.Running && step.Attempts.Any(attempt => attempt.IsOpen);
        var look = StatusLook.Of(step.Status);
        var items = step.ItemCount is { } count ? $"{step.DoneItems}/{count} " : "";
        return new FlowState(
            look.Sign,
            isLive ? "Streaming" : look.Word,
            look.Tone,
            (items + TimelineModel.Time(run, step, now)) is { Length: > 0 } time ? time.Trim() : null,
            isLive
        );
    }
}
