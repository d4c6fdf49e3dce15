using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Web.Features.Runs;

/// <summary>A step in one line, for where it is folded.</summary>
internal static class StepSummary
{
    private const int Most = 180;

    /// <summary>What a step without an output waits for, or why there is none; null if its status is enough.</summary>
    public static string? Of(RunState run, StepState step) =>
        step.Status switch
        {
            StepStatus.Pending when run.IsFinished => "Not reached",
            StepStatus.Pending => TimelineModel.WaitsFor(run, step) switch
            {
                [] => "Starts as soon as a slot is free",
                [var only] => $"Starts when {only} is done",
                var keys => $"Starts when {string.Join(", ", keys.Take(keys.Count - 1))} and {keys[^1]} are done",
            },
            StepStatus.Skipped => step.Reason,
            StepStatus.Cancelled => "The run ended before this step did",
            StepStatus.Running or StepStatus.Waiting or StepStatus.Succeeded or StepStatus.Failed => null,
        };

    /// <summary>The first words of what a step wrote, without marks of Markdown; of a failure, its message.</summary>
    public static string Of(StepCardModel card)
    {
        if (card.Outputs is not [var output, ..])
        {
            return card.Summary ?? "";
        }

        var text = output.Attempt.Status is null or ExecutionStatus.Success ? output.Attempt.Text : output.Attempt.ErrorMessage ?? "";
        return MarkdownExcerpt.Of(text, Most);
    }
}
