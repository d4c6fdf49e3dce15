using System.Globalization;
using PromptPilot.Core.Runs.State;

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
                HookEvent.ChangeRequested => $"Approval needed: {Subject(payload)}",
                HookEvent.ChangeApproved => $"Approved by {payload.Change?.By}: {Subject(payload)}",
                HookEvent.ChangeRejected => $"Rejected by {payload.Change?.By}: {Subject(payload)}",
                HookEvent.ChangeWithdrawn => $"Withdrawn by {payload.Change?.By}: {Subject(payload)}",
                HookEvent.ChangeApplied => $"Applied by {payload.Change?.By}: {Subject(payload)}",
            };

    /// <summary>What the page behind the link shows.</summary>
    public static string LinkTo(HookPayload payload, MessageLinks links) =>
        payload.Change is not null ? "change"
        : links.Reviews.Count == 1 ? "review"
        : "run";

    /// <summary>All of it as plain text, without the title and the link.</summary>
    public static string Text(HookPayload payload) =>
        string.Join(
            "\n\n",
            new[]
            {
                payload.Event is null ? TestText : null,
                Facts(payload) is { Length: > 0 } facts ? facts : null,
                Error(payload),
                Note(payload),
            }
                .Concat(payload.Reviews.Select(Review))
                .Append(Omitted(payload))
                .Concat(payload.Outputs.Select(output => $"{output.Key}\n{StepState.TextOf(output.Value)}"))
                .OfType<string>()
        );

    /// <summary>Version and duration; empty for a test.</summary>
    public static string Facts(HookPayload payload) =>
        string.Join(
            " · ",
            new[]
            {
                payload.WorkflowVersion is { } version ? $"version {version.ToString(CultureInfo.InvariantCulture)}" : null,
                payload.Change is { } change ? Versions(change) : null,
                payload.DurationMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.0} s") : null,
            }.OfType<string>()
        );

    public static string? Error(HookPayload payload) => payload.Error?.Message;

    /// <summary>What people wrote about a change: why it was rejected or overridden, else why it was requested.</summary>
    public static string? Note(HookPayload payload) =>
        payload.Change is not { } change ? null
        : !string.IsNullOrWhiteSpace(change.Reason) ? change.Reason
        : !string.IsNullOrWhiteSpace(change.Note) ? change.Note
        : null;

    public static string Review(HookReview review) =>
        $"Approve, edit or reject the output “{review.OutputKey}”."
        + (string.IsNullOrWhiteSpace(review.Instructions) ? "" : $" {review.Instructions}");

    public static string? Omitted(HookPayload payload) =>
        payload.OmittedOutputs.Count == 0
            ? null
            : $"Too long for a message: {string.Join(", ", payload.OmittedOutputs)}. See the run page.";

    public const string TestText = "This is a test. The hook works, and run results will arrive like this.";

    private static string Subject(HookPayload payload) =>
        payload.Change is { Label: { } label } change ? $"{label} of “{change.Name}”" : $"publishing “{payload.Change?.Name}”";

    private static string? Versions(HookChange change) =>
        change.ToVersion is { } to ? (change.FromVersion is { } from ? $"{from} → {to}" : to) : null;
}
