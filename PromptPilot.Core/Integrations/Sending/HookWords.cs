using System.Globalization;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>The texts of a delivery for people, in all formats.</summary>
internal static class HookWords
{
    /// <summary>The workflow and what happened, in one line.</summary>
    public static string Title(HookPayload payload) =>
        payload.Event is not { } what
            ? $"Hook test for “{payload.WorkflowName}”"
            : what switch
            {
                HookEvent.Succeeded => $"“{payload.WorkflowName}” succeeded",
                HookEvent.Failed when payload.Status == Runs.RunStatus.TimedOut => $"“{payload.WorkflowName}” timed out",
                HookEvent.Failed => $"“{payload.WorkflowName}” failed",
                HookEvent.Waiting => $"“{payload.WorkflowName}” is waiting for review",
            };

    /// <summary>Version and duration; empty for a test.</summary>
    public static string Facts(HookPayload payload) =>
        string.Join(
            " · ",
            new[]
            {
                payload.WorkflowVersion is { } version ? $"version {version.ToString(CultureInfo.InvariantCulture)}" : null,
                payload.DurationMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.0} s") : null,
            }.OfType<string>()
        );

    public static string? Error(HookPayload payload) => payload.Error?.Message;

    public static string Review(HookReview review) =>
        $"Approve, edit or reject the output “{review.OutputKey}”."
        + (string.IsNullOrWhiteSpace(review.Instructions) ? "" : $" {review.Instructions}");

    public static string? Omitted(HookPayload payload) =>
        payload.OmittedOutputs.Count == 0
            ? null
            : $"Too long for a message: {string.Join(", ", payload.OmittedOutputs)}. See the run page.";

    public const string TestText = "This is a test. The hook works, and run results will arrive like this.";
}
