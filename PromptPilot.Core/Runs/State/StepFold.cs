using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>Folds one event into the step it is about.</summary>
internal static class StepFold
{
    /// <summary>An attempt of an item has begun.</summary>
    public static StepState Started(StepState step, RunEvent runEvent) =>
        Settle(
            step with
            {
                ItemCount = runEvent.Payload?.Items ?? step.ItemCount,
                Attempts = step.Calls.Add(
                    Begun(runEvent.Attempt ?? 1, runEvent.ItemIndex, runEvent.At) with
                    {
                        ProfileId = runEvent.Payload?.ProfileId,
                        ProfileName = runEvent.Payload?.ProfileName,
                        FallbackReason = runEvent.Payload?.Reason,
                    }
                ),
            }
        );

    /// <summary>An attempt has ended; a success is the item's outcome.</summary>
    public static StepState Ended(StepState step, RunEvent runEvent, ExecutionLog log) =>
        Settle(
            step with
            {
                Attempts = step.Calls.End(
                    StepState.KeyOf(log.ItemIndex),
                    log.Attempt,
                    attempt =>
                        Of(attempt, log) with
                        {
                            EndedAt = runEvent.At,
                            RetryAt = runEvent.Payload?.RetryAt,
                            NextProfileId = runEvent.Payload?.NextProfileId,
                        }
                ),
                Outcomes =
                    log.Status == ExecutionStatus.Success
                        ? step.Outcomes.SetItem(StepState.KeyOf(log.ItemIndex), new ItemOutcome(ValueOf(step, log), log.Id))
                        : step.Outcomes,
            }
        );

    /// <summary>A result of another run is reused: a log's output, or a value that is not a log's own.</summary>
    public static StepState Reused(StepState step, RunEvent runEvent, ExecutionLog? log) =>
        Settle(
            step with
            {
                ItemCount = runEvent.Payload?.Items ?? step.ItemCount,
                Attempts = log is null
                    ? step.Attempts
                    : step.Calls.Add(
                        Of(Begun(log.Attempt, runEvent.ItemIndex, log.Timestamp), log) with
                        {
                            EndedAt = log.Timestamp.AddMilliseconds(log.DurationMs),
                            IsReused = true,
                        }
                    ),
                Outcomes = step.Outcomes.SetItem(
                    StepState.KeyOf(runEvent.ItemIndex),
                    new ItemOutcome(
                        runEvent.Payload?.Output
                            ?? ValueOf(step, log ?? throw new InvalidOperationException("A reused event must name a log or have a value.")),
                        log?.Id,
                        IsReused: true
                    )
                ),
            }
        );

    /// <summary>A default replaces an item or the whole step's output.</summary>
    public static StepState Defaulted(StepState step, RunEvent runEvent) =>
        Settle(
            step with
            {
                ItemCount = runEvent.Payload!.Items ?? step.ItemCount,
                Reason = runEvent.Payload.Reason,
                Attempts = step.Calls.Resolve(StepState.KeyOf(runEvent.ItemIndex)),
                Outcomes = step.Outcomes.SetItem(
                    StepState.KeyOf(runEvent.ItemIndex),
                    new ItemOutcome(runEvent.Payload.Output!.Value, null, IsDefault: true)
                ),
            }
        );

    public static StepState Skipped(StepState step, RunEvent runEvent) =>
        step with
        {
            Status = StepStatus.Skipped,
            Reason = runEvent.Payload?.Reason,
        };

    public static StepState ReviewAsked(StepState step, RunEvent runEvent) =>
        Settle(step with { Review = new ReviewState(runEvent.At, runEvent.Payload?.Until) });

    public static StepState ReviewAnswered(StepState step, RunEvent runEvent)
    {
        var said = runEvent.Payload!;
        var review = (step.Review ?? new ReviewState(runEvent.At, null)) with
        {
            Verdict = said.Verdict,
            By = said.By,
            Reason = said.Reason,
            AnsweredAt = runEvent.At,
        };
        return Settle(step with { Review = review, Result = said.Output ?? step.Result });
    }

    /// <summary>Status and result, as they follow from attempts, outcomes and review.</summary>
    private static StepState Settle(StepState changed)
    {
        var step = changed with { NextItem = NextItem(changed) };
        if (step.HasOpenAttempts)
        {
            return step with { Status = StepStatus.Running };
        }

        if (step.Calls.LastFailure is { } failed)
        {
            return step with { Status = failed.ErrorCode == ErrorCode.Cancelled ? StepStatus.Cancelled : StepStatus.Failed };
        }

        if (step.Review?.Verdict == ReviewVerdict.Reject)
        {
            return step with { Status = StepStatus.Failed };
        }

        if (!IsComplete(step))
        {
            return step with { Status = step is { ItemCount: not null, Outcomes.Count: > 0 } ? StepStatus.Running : StepStatus.Pending };
        }

        return step with
        {
            Result = step.Review?.Verdict == ReviewVerdict.Edit ? step.Result : Assemble(step),
            Status = step.Options.Review is not null && step.Review?.Verdict is null ? StepStatus.Waiting : StepStatus.Succeeded,
        };
    }

    /// <summary>Items never lose an attempt or an outcome, so this visits each item once per run.</summary>
    private static int NextItem(StepState step)
    {
        var next = step.NextItem;
        while (next < step.ItemCount && (step.Calls.Has(next) || step.Outcomes.ContainsKey(next)))
        {
            next++;
        }

        return next;
    }

    private static bool IsComplete(StepState step) =>
        step.Outcomes.ContainsKey(StepState.WholeStep) || (step.ItemCount is { } count && step.Outcomes.Count == count);

    private static JsonElement Assemble(StepState step) =>
        step.Outcomes.TryGetValue(StepState.WholeStep, out var whole)
            ? whole.Value
            : JsonSerializer.SerializeToElement(
                Enumerable.Range(0, step.ItemCount!.Value).Select(index => step.Outcomes[index].Value),
                AppJson.Options
            );

    private static JsonElement ValueOf(StepState step, ExecutionLog log) =>
        step.Options.OutputFormat == OutputFormat.Json && JsonOutput.ReadStored(log.Output) is { IsOk: true } json
            ? json.Value
            : AppJson.Text(log.Output);

    private static AttemptState Begun(int attempt, int? item, DateTime at) =>
        new(attempt, item, null, at, null, null, null, null, null, false, 0, 0, 0, null, null, "");

    private static AttemptState Of(AttemptState attempt, ExecutionLog log) =>
        attempt with
        {
            LogId = log.Id,
            Status = log.Status,
            ErrorCode = log.ErrorCode,
            ErrorMessage = log.ErrorMessage,
            ModelUsed = log.ModelUsed,
            Truncated = log.Truncated,
            InputTokens = log.InputTokens,
            OutputTokens = log.OutputTokens,
            Cost = log.Cost,
            DurationMs = log.DurationMs,
            FirstTokenMs = log.FirstTokenMs,
            Text = log.Output,
            Log = log,
        };
}
