using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Fallback;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Advances a run: adds all events that follow from the fold. Attempts it adds have a permit of
/// their profile.
/// </summary>
internal sealed class RunAdvance(RunProgress progress, ProfileLimiters limiters, TimeSpan backoff, TimeProvider time)
{
    private readonly Dictionary<string, JsonElement> _context = RunContext.Of(progress.State);
    private readonly Dictionary<string, IReadOnlyList<JsonElement>> _lists = [];
    private readonly HashSet<string> _full = [];
    private readonly List<string> _taken = [];

    /// <summary>The run being advanced.</summary>
    public RunProgress Progress => progress;

    /// <summary>Profiles that were full when this run needed a call.</summary>
    public IReadOnlySet<string> Full => _full;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Adds skips, reviews and new attempts.</summary>
    /// <param name="now">The time used to decide what is due.</param>
    public async ValueTask AdvanceAsync(DateTime now)
    {
        _full.Clear();
        while (RunDecision.Next(progress.State, progress.Plan, _context, now, _full) is { } action)
        {
            switch (action)
            {
                case RunAction.Start start:
                    await StartAsync(start);
                    break;
                case RunAction.Skip skip:
                    progress.Add(RunEventType.Skipped, skip.Step.StepId, payload: new RunEventPayload { Reason = skip.Reason });
                    break;
                case RunAction.Empty empty:
                    progress.Add(
                        RunEventType.Defaulted,
                        empty.Step.StepId,
                        payload: new RunEventPayload
                        {
                            Output = JsonSerializer.SerializeToElement(Array.Empty<int>()),
                            Reason = "Its list is empty.",
                            Items = 0,
                        }
                    );
                    break;
                case RunAction.Fail fail:
                    FailBeforeCall(fail);
                    break;
                case RunAction.AskReview ask:
                    var limit = ask.Step.Options.Review!.TimeoutSeconds;
                    progress.Add(
                        RunEventType.ReviewAsked,
                        ask.Step.StepId,
                        payload: new RunEventPayload { Until = limit is { } seconds ? Now.AddSeconds(seconds) : null }
                    );
                    break;
                case RunAction.EndReview late:
                    Answer(late.Step.StepId, late.Step.Options.Review!.OnTimeout, null, "No one answered before the timeout.", by: null);
                    break;
            }

            Remember();
        }
    }

    /// <summary>
    /// Adds the end of an attempt: a success, a failure that is retried later, one replaced by a default, or a final failure.
    /// </summary>
    public void End(ExecutionLog record, TimeSpan? retryAfter)
    {
        var isOver = progress.State.IsPastDeadline(Now);
        var (wait, fallback) = After(record, retryAfter, isOver);
        progress.Add(
            RunEventType.AttemptEnded,
            record.StepId,
            payload: new RunEventPayload
            {
                LogId = record.Id,
                RetryAt = wait is { } span ? Now + span : null,
                NextProfileId = fallback?.Id,
            },
            log: record
        );
        var options = progress.Plan.Step(record.StepId!).Options;
        if (
            record.Status != ExecutionStatus.Success
            && wait is null
            && record.ErrorCode != ErrorCode.Cancelled
            && !isOver
            && options.OnError == OnError.Default
        )
        {
            progress.Add(
                RunEventType.Defaulted,
                record.StepId,
                record.ItemIndex,
                payload: new RunEventPayload
                {
                    Output =
                        options.DefaultOutput
                        ?? (
                            options.OutputFormat == OutputFormat.Json
                                ? JsonSerializer.SerializeToElement<string?>(null)
                                : JsonSerializer.SerializeToElement("")
                        ),
                    Reason = $"The step failed, so its default output is used: {record.ErrorMessage}",
                }
            );
        }

        Remember();
    }

    /// <summary>Adds the answer to an open review, from a person or from its timeout.</summary>
    public void Answer(string stepId, ReviewVerdict verdict, JsonElement? output, string? reason, string? by)
    {
        progress.Add(
            RunEventType.ReviewAnswered,
            stepId,
            payload: new RunEventPayload
            {
                Verdict = verdict,
                Output = output,
                Reason = reason,
                By = by,
            }
        );
        Remember();
    }

    /// <summary>The values that an attempt's expressions read.</summary>
    public IReadOnlyDictionary<string, JsonElement> ContextOf(AttemptKey key)
    {
        if (key.ItemIndex is not { } index)
        {
            return new Dictionary<string, JsonElement>(_context);
        }

        if (!_lists.TryGetValue(key.StepId, out var items))
        {
            _lists[key.StepId] = items = RunDecision.ListOf(progress.Plan.Step(key.StepId), _context).Items;
        }

        // Evaluating it again after a restart gives the same list; if it ever does not, the missing item is reported by its mapping.
        return index < items.Count ? RunContext.OfItem(_context, items[index], index) : new Dictionary<string, JsonElement>(_context);
    }

    /// <summary>Transfers the permits to the added attempts.</summary>
    public void HandOverPermits() => _taken.Clear();

    /// <summary>Returns the permits of attempts that were not committed.</summary>
    public void ReleasePermits()
    {
        foreach (var profileId in _taken)
        {
            limiters.Release(profileId, wasCalled: false);
        }

        _taken.Clear();
    }

    private async ValueTask StartAsync(RunAction.Start start)
    {
        var planned = progress.Plan.Step(start.Step.StepId);
        var last = start.Step.Calls.Last(StepState.KeyOf(start.Item));
        var fallback = FallbackChoice.For(planned, last, limiters);
        var profileId = fallback?.Profile.Id ?? planned.ProfileId;
        if (!await limiters.TryAcquireAsync(profileId, CancellationToken.None))
        {
            // Also the one that the decision knows, so that it does not ask for this call again at once.
            _full.Add(profileId);
            _full.Add(planned.NextProfileId(last));
            return;
        }

        _taken.Add(profileId);
        progress.Add(
            RunEventType.AttemptStarted,
            start.Step.StepId,
            start.Item,
            NextAttempt(start.Step, start.Item),
            start.Items is null && fallback is null
                ? null
                : new RunEventPayload
                {
                    Items = start.Items,
                    ProfileId = fallback?.Profile.Id,
                    ProfileName = fallback?.Profile.Name,
                    Reason = fallback?.Reason,
                }
        );
    }

    private void FailBeforeCall(RunAction.Fail fail)
    {
        var attempt = NextAttempt(fail.Step, null);
        progress.Add(RunEventType.AttemptStarted, fail.Step.StepId, attempt: attempt);
        var record = progress.Plan.Step(fail.Step.StepId).NewLog(progress.Run, new AttemptKey(fail.Step.StepId, null, attempt), Now);
        record.Fail(new ModelFault(ErrorCode.BadRequest, fail.Message));
        End(record, null);
    }

    /// <summary>The delay before the next attempt, null for none; and the fallback that it calls, null to stay on the profile.</summary>
    private (TimeSpan? Wait, FallbackProfile? Fallback) After(ExecutionLog record, TimeSpan? retryAfter, bool isOver)
    {
        if (record.ErrorCode is not { } code || (code != ErrorCode.Interrupted && (progress.State.CancelRequested || isOver)))
        {
            return (null, null);
        }

        var wait = WaitAfter(record, code, retryAfter);
        if (FallbackPolicy.Switches(code, wait) && FallbackChoice.After(progress.Plan.Step(record.StepId!), record, limiters) is { } next)
        {
            limiters.TakeOut(record.ModelProfileId, code, retryAfter);
            return (TimeSpan.Zero, next);
        }

        return (wait, null);
    }

    private TimeSpan? WaitAfter(ExecutionLog record, ErrorCode code, TimeSpan? retryAfter)
    {
        var step = progress.State.Steps.First(step => step.StepId == record.StepId);
        return RetryPolicy.NextAfter(
            code,
            step.Calls.TriesOf(StepState.KeyOf(record.ItemIndex)),
            step.Options.Attempts,
            retryAfter,
            backoff,
            Random.Shared.NextDouble()
        );
    }

    private static int NextAttempt(StepState step, int? item) => step.Calls.CountOf(StepState.KeyOf(item)) + 1;

    private void Remember()
    {
        foreach (var step in progress.State.Steps)
        {
            if (step.Value is { } value)
            {
                _context.TryAdd(step.OutputKey, value);
            }
        }
    }
}
