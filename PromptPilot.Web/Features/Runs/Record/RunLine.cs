using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Runs.Record;

/// <summary>One line in the history of a run.</summary>
/// <param name="Offset">Time since the run was queued.</param>
/// <param name="Step">Output key of the step, with the item's index; empty for the run itself.</param>
/// <param name="Tone">One of the status colors; empty: none.</param>
public sealed record RunLine(DateTime At, TimeSpan Offset, string Step, string Text, string Tone)
{
    /// <summary>All events in order of time, without those of results reused from another run.</summary>
    public static IReadOnlyList<RunLine> Of(RunState run)
    {
        RunLine Line(DateTime at, string step, string text, string tone = "") => new(at, at - run.QueuedAt, step, text, tone);

        IEnumerable<RunLine> OfRun()
        {
            yield return Line(run.QueuedAt, "", "Queued");
            if (run.StartedAt is { } started)
            {
                yield return Line(started, "", "Started");
            }

            if (run.FinishedAt is { } finished)
            {
                var look = StatusLook.Of(run.Status);
                yield return Line(finished, "", look.Word, look.Tone);
            }
        }

        IEnumerable<RunLine> OfAttempt(StepState step, AttemptState attempt)
        {
            var name = attempt.ItemIndex is { } item ? $"{step.OutputKey} [{item}]" : step.OutputKey;
            var number = attempt.Attempt == 1 ? "" : $" {attempt.Attempt}";
            yield return Line(attempt.StartedAt, name, $"Call{number} to {attempt.ProfileName ?? step.ProfileName}");
            if (attempt.EndedAt is not { } ended)
            {
                yield break;
            }

            yield return attempt.Status == ExecutionStatus.Success
                ? Line(ended, name, $"Answered: {Format.Count(attempt.OutputTokens, "token")}, {Format.Money(attempt.Cost)}", "ok")
                : Line(
                    ended,
                    name,
                    $"Call failed: {(attempt.ErrorCode is { } code ? RunAdvice.Word(code) : "error")}"
                        + (
                            attempt.NextProfileId is not null ? ", fallback next"
                            : attempt.RetryAt is { } retry ? $", retry in {Format.Duration((long)(retry - ended).TotalMilliseconds)}"
                            : ""
                        ),
                    attempt.RetryAt is null ? "bad" : "warn"
                );
        }

        IEnumerable<RunLine> OfReview(StepState step)
        {
            if (step.Review is not { } review)
            {
                yield break;
            }

            yield return Line(review.AskedAt, step.OutputKey, "Review requested", "warn");
            if (review is { Verdict: { } verdict, AnsweredAt: { } answered })
            {
                var word = verdict switch
                {
                    ReviewVerdict.Approve => "Approved",
                    ReviewVerdict.Edit => "Edited",
                    ReviewVerdict.Reject => "Rejected",
                };
                var tone = verdict == ReviewVerdict.Reject ? "bad" : "ok";
                yield return Line(answered, step.OutputKey, review.By is null ? $"{word} automatically" : $"{word} by {review.By}", tone);
            }
        }

        return
        [
            .. OfRun()
                .Concat(
                    run.Steps.SelectMany(step =>
                        step.Attempts.Where(attempt => !attempt.IsReused)
                            .SelectMany(attempt => OfAttempt(step, attempt))
                            .Concat(OfReview(step))
                    )
                )
                .OrderBy(line => line.At),
        ];
    }
}
