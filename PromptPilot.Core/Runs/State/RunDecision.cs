using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>Decides what a run does next from its fold, its plan and the clock alone.</summary>
internal static class RunDecision
{
    /// <summary>The longest list a step may iterate over.</summary>
    public const int MostItems = 10_000;

    private static readonly IReadOnlySet<string> NoProfiles = new HashSet<string>();

    /// <summary>
    /// The profile that the first call of a run needs, so that admission knows if it has room; null if not known yet.
    /// </summary>
    public static string? FirstProfile(RunState state, RunPlan plan) =>
        state.Steps.FirstOrDefault(step =>
            step.Status is StepStatus.Pending or StepStatus.Running && step.Reads.All(key => state.IsResolved(key))
        )
            is { } next
            ? plan.Step(next.StepId).ProfileId
            : null;

    /// <summary>The first action that is possible now; null when none is. Apply it and ask again.</summary>
    /// <param name="context">The run context of the fold; see <see cref="RunContext"/>.</param>
    /// <param name="full">Profiles that accept no calls right now.</param>
    public static RunAction? Next(
        RunState state,
        RunPlan plan,
        IReadOnlyDictionary<string, JsonElement> context,
        DateTime now,
        IReadOnlySet<string>? full = null
    )
    {
        if (state.IsHeld(now))
        {
            return null;
        }

        var running = state.Steps.Count(step => step.HasOpenAttempts);
        foreach (var step in state.Steps)
        {
            var next = step.Status switch
            {
                StepStatus.Waiting => OfReview(step, now),
                StepStatus.Pending or StepStatus.Running => OfCalls(state, step, plan, context, now, running, full ?? NoProfiles),
                StepStatus.Succeeded or StepStatus.Failed or StepStatus.Skipped or StepStatus.Cancelled => null,
            };
            if (next is not null)
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>The phase of a run once nothing further follows.</summary>
    /// <param name="opensAt">The time at which a full profile accepts the next call; null when none is full.</param>
    public static RunPhase PhaseOf(RunState state, DateTime now, DateTime? opensAt)
    {
        if (state.HasOpenAttempts)
        {
            return new RunPhase.InFlight();
        }

        if (state.IsHeld(now) || state.IsComplete)
        {
            return new RunPhase.Ended();
        }

        var due = state.NextDue(now);
        var until = due is null || opensAt < due ? opensAt ?? due : due;
        return until is not null || state.OpenReviews > 0 ? new RunPhase.Waiting(until) : new RunPhase.Stuck();
    }

    /// <summary>The end of a run in which nothing is in flight and nothing can start.</summary>
    public static RunEventPayload End(RunState state, DateTime now)
    {
        if (state.CancelRequested)
        {
            return new RunEventPayload
            {
                Status = RunStatus.Cancelled,
                Error = new RunError(ErrorCode.Cancelled, "The run was cancelled.", null),
            };
        }

        if (state.Steps.FirstOrDefault(step => step.Review?.Verdict == ReviewVerdict.Reject) is { } rejected)
        {
            var why = string.IsNullOrWhiteSpace(rejected.Review!.Reason) ? "" : $": {rejected.Review.Reason}";
            return new RunEventPayload
            {
                Status = RunStatus.Cancelled,
                Error = new RunError(ErrorCode.Cancelled, $"The output of step “{rejected.OutputKey}” was rejected{why}", rejected.StepId),
            };
        }

        if (state.IsComplete)
        {
            return new RunEventPayload { Status = RunStatus.Succeeded };
        }

        if (state.IsPastDeadline(now))
        {
            return new RunEventPayload
            {
                Status = RunStatus.TimedOut,
                Error = new RunError(
                    ErrorCode.Timeout,
                    $"The run exceeded its workflow's timeout of {state.Options.TimeoutSeconds} s. "
                        + "Raise the timeout, or retry the run: finished steps are kept.",
                    null
                ),
            };
        }

        foreach (var step in state.Steps)
        {
            if (step.Calls.LastFailure is { } attempt)
            {
                var item = attempt.ItemIndex is { } index ? $", item {index + 1}" : "";
                return new RunEventPayload
                {
                    Status = RunStatus.Failed,
                    Error = new RunError(
                        attempt.ErrorCode ?? ErrorCode.Internal,
                        $"Step “{step.OutputKey}”{item} failed: {attempt.ErrorMessage}",
                        step.StepId
                    ),
                };
            }
        }

        return new RunEventPayload
        {
            Status = RunStatus.Failed,
            Error = new RunError(ErrorCode.Internal, "Something this run needs no longer exists. Start a new run.", null),
        };
    }

    /// <summary>The list that a step iterates over, or an error.</summary>
    public static (IReadOnlyList<JsonElement> Items, string? Problem) ListOf(
        PlannedStep step,
        IReadOnlyDictionary<string, JsonElement> context
    )
    {
        var list = LiquidExpression.Parse(step.Options.ForEach!).Evaluate(context, CancellationToken.None);
        return list switch
        {
            { IsOk: false } => ([], $"The “for each” expression ({step.Options.ForEach}) failed: {list.Problem.Message}"),
            { Value.ValueKind: not JsonValueKind.Array } => (
                [],
                $"“For each” ({step.Options.ForEach}) must be a list, but it is {Word(list.Value.ValueKind)}. "
                    + "A step with JSON output can return a list."
            ),
            _ when list.Value.GetArrayLength() > MostItems => (
                [],
                $"The “for each” list has {list.Value.GetArrayLength():N0} items; at most {MostItems:N0} are allowed."
            ),
            _ => ([.. list.Value.EnumerateArray()], null),
        };
    }

    private static RunAction? OfReview(StepState step, DateTime now) =>
        step.Review switch
        {
            null => new RunAction.AskReview(step),
            { IsOpen: true } review when review.Until <= now => new RunAction.EndReview(step),
            _ => null,
        };

    private static RunAction? OfCalls(
        RunState state,
        StepState step,
        RunPlan plan,
        IReadOnlyDictionary<string, JsonElement> context,
        DateTime now,
        int running,
        IReadOnlySet<string> full
    )
    {
        var planned = plan.Step(step.StepId);
        var open = step.Calls.OpenCount;
        if (open == 0 && running >= (state.Options.MaxParallelSteps ?? WorkflowOptions.DefaultParallelSteps))
        {
            return null;
        }

        if (step.Attempts.Count == 0 && step.ItemCount is null)
        {
            return Begin(state, step, planned, context) is { } begin && !(begin is RunAction.Start && full.Contains(planned.ProfileId))
                ? begin
                : null;
        }

        if (planned.Options.ForEach is not null && open >= planned.Options.ParallelItems)
        {
            return null;
        }

        return NextItem(step, now) is var item and not NoItem && !full.Contains(planned.NextProfileId(step.Calls.Last(item)))
            ? new RunAction.Start(step, item == StepState.WholeStep ? null : item, null)
            : null;
    }

    private const int NoItem = int.MinValue;

    /// <summary>The next item to call: the longest overdue retry, otherwise the first item that has not been called.</summary>
    private static int NextItem(StepState step, DateTime now) =>
        step.Calls.DueRetry(now) ?? (step.NextItem < step.ItemCount ? step.NextItem : NoItem);

    /// <summary>The next action of a step that has not begun; null while a key that it reads is missing.</summary>
    private static RunAction? Begin(RunState state, StepState step, PlannedStep planned, IReadOnlyDictionary<string, JsonElement> context)
    {
        foreach (var key in planned.Reads)
        {
            if (!state.IsResolved(key))
            {
                return null;
            }
        }

        if (planned.Reads.FirstOrDefault(key => state.StatusOf(key) == StepStatus.Skipped && planned.Needs(key)) is { } missing)
        {
            return new RunAction.Skip(step, $"It reads “{missing}”, which was skipped.");
        }

        if (planned.Options.When is { } when)
        {
            var holds = LiquidCondition.Parse(when).Evaluate(context, CancellationToken.None);
            if (!holds.IsOk)
            {
                return new RunAction.Fail(step, $"The condition ({when}) failed: {holds.Problem.Message}");
            }

            if (!holds.Value)
            {
                return new RunAction.Skip(step, $"Its condition is not met: {when}");
            }
        }

        if (planned.Options.ForEach is null)
        {
            return new RunAction.Start(step, null, null);
        }

        var (items, problem) = ListOf(planned, context);
        return problem is not null ? new RunAction.Fail(step, problem)
            : items.Count == 0 ? new RunAction.Empty(step)
            : new RunAction.Start(step, 0, items.Count);
    }

    private static string Word(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "true or false",
            JsonValueKind.Array => "a list",
            JsonValueKind.Null or JsonValueKind.Undefined => "nothing",
        };
}
